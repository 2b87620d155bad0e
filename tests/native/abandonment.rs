//! A worker may die after any of its atomic steps: the sound is the same bit for bit, and its slot comes back.

use rusty_audio_engine::Loss;
use rusty_audio_engine::lockfree::atomics::step::abandon_after;
use rusty_audio_tests::{Alone, Fate, Heard, Pool, render, render_spectral};

/// Long enough for jobs to be posted, lost, taken over and collected.
const SCENE_FRAMES: usize = 10 * 1024;

/// The first quantum before which a job lies on the board, once the pool's clock is trusted.
const DEATH_FRAME: usize = 12 * 512;

/// A worker on seat 0 that dies after so many steps of its turns in one quantum; then another takes seat 1.
struct Death {
    steps: u32,
    /// Turns within which a worker claims the job, runs all of its slices and publishes it.
    turns: usize,
    now_ms: f64,
    seat: u32,
    died: bool,
    claimed: usize,
}

impl Fate for Death {
    fn pass(&mut self, pool: &mut Pool<'_>, frame: usize) {
        if frame == 0 {
            pool.controller.take_seat(0);
        }
        self.now_ms += 128.0 / 48.0;
        let worker = &mut pool.workers[self.seat as usize];
        let now_ms = self.now_ms;
        let count = self.turns;
        let mut turns = || (0..count).for_each(|_| _ = worker.turn(now_ms));
        if frame == DEATH_FRAME {
            self.died = abandon_after(self.steps, turns).is_none();
        } else {
            turns();
        }
        if frame == DEATH_FRAME && self.died {
            self.claimed = pool.controller.claimed_by(0);
            pool.controller.dismiss(0, Loss::Missed, self.now_ms);
            pool.controller.take_seat(1);
            self.seat = 1;
        }
        if frame == DEATH_FRAME + 1024 {
            pool.controller.bury(0);
            assert_eq!(pool.controller.claimed_by(0), 0);
        }
    }
}

/// Lets a worker die after one step, after two and so on, up to all; each time the sound must be `alone`.
fn survives(turns: usize, alone: &[u32], render: impl Fn(&mut Death) -> Heard) {
    let (mut deaths, mut with_a_claim, mut taken_over) = (0, 0, 0);
    for steps in 1.. {
        let mut death = Death { steps, turns, now_ms: 0.0, seat: 0, died: false, claimed: 0 };
        let heard = render(&mut death);
        assert!(heard.bits() == alone, "after {steps} steps");
        assert_eq!(heard.dispatched.refused, 0);
        if !death.died {
            break;
        }
        deaths += 1;
        with_a_claim += usize::from(death.claimed > 0);
        taken_over += usize::from(heard.dispatched.taken_silent > 0);
    }
    assert!(deaths > 500, "{deaths} steps in all");
    assert!(with_a_claim * 3 > deaths, "{with_a_claim} of {deaths} while the job was claimed");
    assert!(taken_over > 0, "some of them were taken over by the audio thread");
}

#[test]
fn death_after_any_step_changes_no_bit() {
    let alone = render(SCENE_FRAMES, &[128], &mut Alone).bits();
    survives(8, &alone, |death| render(SCENE_FRAMES, &[128], death));
}

#[test]
fn death_after_any_step_changes_no_spectrum() {
    let alone = render_spectral(SCENE_FRAMES, &[128], &mut Alone).bits();
    survives(20, &alone, |death| render_spectral(SCENE_FRAMES, &[128], death));
}
