//! What is heard is what was fed: gapless joins, jumps, pauses, starvation, whatever the size of the quanta.
//!
//! Every fed sample tells its track and frame, so what is heard can be read back exactly.

use proptest::prelude::*;
use rusty_audio_engine::config::FADE_FRAMES;
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{Command, Join, State, Telemetry};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, Processor, player, pool};

const RING_FRAMES: u32 = 32_768;

struct Rig<'a> {
    controller: Controller<'a>,
    feeder: Feeder<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    dispatcher: Dispatcher<'a>,
}

impl Rig<'_> {
    fn begin(&mut self, epoch: u32, track: u32, frame: u64, join: Join) {
        self.feeder.begin(epoch, track, frame, join).unwrap();
    }

    /// Feeds as many of the track's frames as find room.
    fn feed(&mut self, track: u32, from: u64, frames: u32) -> u32 {
        let mut fed = 0;
        while fed < frames {
            let count = (frames - fed).min(4096);
            for channel in 0..2 {
                let plane = self.feeder.staging(channel).unwrap();
                for (sample, frame) in plane.iter_mut().take(count as usize).zip(from + u64::from(fed)..) {
                    *sample = value(track, frame, channel);
                }
            }
            let pushed = self.feeder.push(count);
            fed += pushed;
            if pushed < count {
                break;
            }
        }
        fed
    }

    fn render(&mut self, frames: usize) -> Vec<f32> {
        self.processor.process(&mut self.dispatcher, 0, frames);
        let heard = self.processor.plane(0)[..frames].to_vec();
        let right = &self.processor.plane(1)[..frames];
        // The right channel is the left one mirrored, in every fade too.
        assert!(heard.iter().zip(right).all(|(left, right)| *left == -right));
        heard
    }

    fn send(&mut self, command: Command) {
        self.controller.send(command).unwrap();
    }

    fn telemetry(&mut self) -> Telemetry {
        *self.controller.telemetry()
    }
}

/// Exact in f32 for 16 tracks of a million frames; never 0, which is what silence is.
fn value(track: u32, frame: u64, channel: usize) -> f32 {
    let sign = if channel == 0 { 1.0 } else { -1.0 };
    #[expect(clippy::cast_possible_truncation, reason = "chosen so that it is exact")]
    let exact = (f64::from(track) * 1_048_576.0 + frame as f64 + 1.0) as f32;
    sign * exact
}

fn run(frames: std::ops::Range<u64>, track: u32) -> impl Iterator<Item = f32> {
    frames.map(move |frame| value(track, frame, 0))
}

fn with_rig<R>(test: impl FnOnce(&mut Rig<'_>) -> R) -> R {
    let mut memory = Memory::new(1 << 23);
    let config = NodeConfig { sample_rate: 48_000.0, effects: &[] };
    let mut arena = memory.arena();
    let (controller, feeder, processor) = player(&mut arena, config, RING_FRAMES).unwrap();
    let dispatcher = pool(&mut arena, config.sample_rate).unwrap().1;
    test(&mut Rig { controller, feeder, processor, dispatcher })
}

#[test]
fn nothing_sounds_and_nothing_starves_before_there_is_anything() {
    with_rig(|rig| {
        rig.send(Command::PLAY);
        assert!(rig.render(512).iter().all(|&sample| sample == 0.0));
        assert_eq!(rig.telemetry().starved_frames, 0);
        assert_eq!(rig.telemetry().state, State::Priming as u32);
    });
}

#[test]
fn a_track_starts_at_its_first_frame_without_a_ramp() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 8192);
        rig.send(Command::PLAY);
        assert!(rig.render(1000).into_iter().eq(run(0..1000, 1)));
        let telemetry = rig.telemetry();
        assert_eq!((telemetry.track, telemetry.track_frame, telemetry.epoch), (1, 1000, 1));
        assert_eq!(telemetry.state, State::Playing as u32);
    });
}

#[test]
fn a_short_track_sounds_as_soon_as_its_end_is_known() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 100);
        rig.send(Command::PLAY);
        assert!(rig.render(128).iter().all(|&sample| sample == 0.0), "not primed yet");
        rig.feeder.end().unwrap();
        let heard = rig.render(128);
        assert!(heard[..100].iter().copied().eq(run(0..100, 1)));
        assert_eq!(heard[100..], [0.0; 28]);
        assert_eq!(rig.telemetry().state, State::Ended as u32);
        assert_eq!(rig.telemetry().starved_frames, 0, "an end is no starvation");
    });
}

#[test]
fn tracks_follow_each_other_without_a_gap_even_after_an_end_that_was_not_one() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 3000);
        rig.begin(1, 2, 0, Join::Follow);
        rig.feed(2, 0, 500);
        rig.feeder.end().unwrap();
        // A track is queued before the end is reached.
        rig.begin(1, 3, 0, Join::Follow);
        rig.feed(3, 0, 700);
        rig.feeder.end().unwrap();
        rig.send(Command::PLAY);
        let heard = rig.render(4096);
        assert!(heard.into_iter().eq(run(0..3000, 1).chain(run(0..500, 2)).chain(run(0..596, 3))));
        assert_eq!((rig.telemetry().track, rig.telemetry().track_frame), (3, 596));
    });
}

#[test]
fn a_track_queued_after_the_end_goes_on_from_there() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 64);
        rig.feeder.end().unwrap();
        rig.send(Command::PLAY);
        rig.render(128);
        assert_eq!(rig.telemetry().state, State::Ended as u32);
        rig.begin(1, 2, 0, Join::Follow);
        rig.feed(2, 0, 200);
        assert!(rig.render(128).into_iter().eq(run(0..128, 2)));
    });
}

#[test]
fn a_jump_fades_over_and_lands_on_its_very_frame() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 10_000);
        rig.send(Command::PLAY);
        rig.render(128);
        rig.begin(2, 1, 50_000, Join::Now);
        rig.feed(1, 50_000, 8000);
        assert!(rig.render(128).into_iter().eq(run(128..256, 1)), "the old sound goes on until the new one is primed");
        rig.feed(1, 58_000, 1500);
        let heard = rig.render(512);
        for (n, sample) in heard.iter().enumerate().take(FADE_FRAMES) {
            let weight = n as f32 / FADE_FRAMES as f32;
            let expected = value(1, 256 + n as u64, 0) * (1.0 - weight) + value(1, 50_000 + n as u64, 0) * weight;
            assert_eq!(*sample, expected);
        }
        assert!(heard[FADE_FRAMES..].iter().copied().eq(run(50_128..50_512, 1)));
        assert_eq!(rig.telemetry().starved_frames, 0);
        assert_eq!((rig.telemetry().epoch, rig.telemetry().track_frame), (2, 50_512));
    });
}

#[test]
fn a_loop_switched_off_late_takes_effect_at_the_seam() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 2500);
        let seam = rig.feeder.written();
        rig.begin(1, 1, 0, Join::Follow);
        rig.feed(1, 0, 2500);
        // What was written behind the seam has become wrong: track 2 follows instead.
        rig.begin(1, 2, 0, Join::At(seam));
        rig.feed(2, 0, 1000);
        rig.feeder.end().unwrap();
        rig.send(Command::PLAY);
        let heard = rig.render(3600);
        assert!(heard[..3500].iter().copied().eq(run(0..2500, 1).chain(run(0..1000, 2))));
        assert_eq!(heard[3500..], [0.0; 100]);
        assert_eq!(rig.telemetry().state, State::Ended as u32);
    });
}

#[test]
fn a_loop_of_few_frames_sounds_although_it_never_fills_the_ring() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 5);
        for _ in 0..90 {
            rig.begin(1, 1, 0, Join::Follow);
            rig.feed(1, 0, 5);
        }
        rig.send(Command::PLAY);
        assert!(rig.render(400).into_iter().eq((0..80).flat_map(|_| run(0..5, 1))));
    });
}

#[test]
fn a_pause_holds_the_position_to_the_frame() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 9000);
        rig.send(Command::PLAY);
        rig.render(1000);
        rig.send(Command::PAUSE);
        let fading = rig.render(256);
        for (n, sample) in fading.iter().enumerate() {
            let weight = n.min(FADE_FRAMES) as f32 / FADE_FRAMES as f32;
            assert_eq!(*sample, value(1, 1000 + n as u64, 0) * (1.0 - weight));
        }
        assert_eq!(rig.telemetry().track_frame, 1000);
        rig.render(1000);
        rig.send(Command::PLAY);
        let heard = rig.render(1000);
        assert!(heard[FADE_FRAMES..].iter().copied().eq(run(1128..2000, 1)));
        assert_eq!(heard[0], 0.0);
        assert_eq!(rig.telemetry().starved_frames, 0, "a pause is no starvation");
    });
}

#[test]
fn what_has_ended_or_was_paused_is_not_continued() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 1000);
        rig.feeder.end().unwrap();
        rig.send(Command::PLAY);
        rig.render(1024);
        rig.begin(2, 2, 0, Join::Now);
        rig.feed(2, 0, 500);
        assert!(rig.render(128).iter().all(|&sample| sample == 0.0), "the next one is not primed");
        rig.feed(2, 500, 8192);
        assert!(rig.render(128).into_iter().eq(run(0..128, 2)), "it begins without a fade");

        rig.render(4096);
        rig.render(4096);
        rig.render(372);
        rig.send(Command::PAUSE);
        rig.render(256);
        rig.send(Command::PLAY);
        assert!(rig.render(128).iter().all(|&sample| sample == 0.0), "nothing is there");
        assert_eq!(rig.telemetry().starved_frames, 128);
        rig.feed(2, 8692, 1000);
        let heard = rig.render(512);
        assert_eq!(heard[0], 0.0);
        assert!(heard[FADE_FRAMES..].iter().copied().eq(run(8820..9204, 2)));
        assert_eq!(rig.telemetry().starvation_events, 1);
    });
}

#[test]
fn of_several_commands_in_one_quantum_the_last_one_counts() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 9000);
        rig.send(Command::PLAY);
        rig.render(1000);
        rig.send(Command::PAUSE);
        rig.send(Command::PLAY);
        assert!(rig.render(256).into_iter().eq(run(1000..1256, 1)), "nothing fades that goes on");
        rig.send(Command::PLAY);
        rig.send(Command::PAUSE);
        assert_eq!(rig.render(256)[FADE_FRAMES..], [0.0; 128]);
        assert_eq!(rig.telemetry().state, State::Paused as u32);
        rig.send(Command::PLAY);
        rig.send(Command::PAUSE);
        assert!(rig.render(256).iter().all(|&sample| sample == 0.0));
        assert_eq!(rig.telemetry().track_frame, 1256);
    });
}

#[test]
fn starvation_is_counted_in_frames_and_runs_and_nothing_is_lost() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 8292);
        rig.send(Command::PLAY);
        rig.render(4096);
        rig.render(4096);
        let heard = rig.render(128);
        assert!(heard[..100].iter().copied().eq(run(8192..8292, 1)));
        rig.render(128);
        assert_eq!((rig.telemetry().starved_frames, rig.telemetry().starvation_events), (28 + 128, 1));
        assert_eq!(rig.telemetry().state, State::Starved as u32);
        rig.feed(1, 8292, 1000);
        let heard = rig.render(512);
        assert!(heard[FADE_FRAMES..].iter().copied().eq(run(8420..8804, 1)), "it goes on at the next frame");
        rig.render(1000);
        assert_eq!(rig.telemetry().starvation_events, 2);
    });
}

#[test]
fn what_leaves_above_full_scale_is_counted() {
    with_rig(|rig| {
        rig.begin(0, 0, 0, Join::Now);
        rig.feed(0, 0, 20_000);
        rig.send(Command::PLAY);
        let mut expected = 0;
        for quantum in 0..120 {
            if quantum % 50 == 40 {
                rig.send(Command::PAUSE);
            } else if quantum % 50 == 49 {
                rig.send(Command::PLAY);
            }
            let heard = rig.render([128, 1, 441][quantum % 3]);
            expected += 2 * heard.iter().filter(|sample| sample.abs() > 1.0).count();
            assert_eq!(rig.telemetry().clipped_samples as usize, expected, "in quantum {quantum}");
        }
        assert!(expected > 10_000);
    });
}

#[test]
fn discarding_silences_at_once_and_waits_for_the_new_epoch() {
    with_rig(|rig| {
        rig.begin(1, 1, 0, Join::Now);
        rig.feed(1, 0, 9000);
        rig.send(Command::PLAY);
        rig.render(512);
        rig.send(Command::discard(2));
        let heard = rig.render(512);
        assert!(heard[FADE_FRAMES..].iter().all(|&sample| sample == 0.0));
        assert_eq!(rig.telemetry().buffered_frames, 0, "the ring is free for the new epoch");
        assert_eq!(rig.telemetry().starved_frames, 0);
        // The old epoch's last frames still arrive, then the new one's first.
        rig.feed(1, 9000, 500);
        rig.begin(2, 2, 0, Join::Now);
        rig.feed(2, 0, 9000);
        assert!(rig.render(1000).into_iter().eq(run(0..1000, 2)));
    });
}

#[test]
fn a_late_discard_of_what_was_replaced_already_does_nothing() {
    with_rig(|rig| {
        rig.begin(3, 1, 0, Join::Now);
        rig.feed(1, 0, 9000);
        rig.send(Command::PLAY);
        rig.render(100);
        rig.send(Command::discard(2));
        assert!(rig.render(100).into_iter().eq(run(100..200, 1)));
    });
}

/// One step of a feeding thread, or of the processing thread that interrupts it anywhere.
#[derive(Clone, Debug)]
enum Step {
    Feed(u32),
    NextTrack,
    Jump(u64),
    Render(usize),
    Pause,
    Play,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u32..9000).prop_map(Step::Feed),
        1 => Just(Step::NextTrack),
        1 => (0u64..500_000).prop_map(Step::Jump),
        4 => (1usize..4096).prop_map(Step::Render),
        1 => Just(Step::Pause),
        1 => Just(Step::Play),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever is done: outside of fades every sample is the one after the sample before it, or the first of the
    /// track that follows; and the position that is reported is the frame after the last one heard.
    #[test]
    fn nothing_is_heard_twice_out_of_order_or_skipped(steps in prop::collection::vec(step(), 1..80)) {
        with_rig(|rig| {
            let (mut epoch, mut track, mut frame) = (1, 1, 0);
            rig.begin(epoch, track, frame, Join::Now);
            rig.send(Command::PLAY);
            let mut lengths = [0; 16];
            let mut may_fade = 0;
            for step in steps {
                match step {
                    Step::Feed(frames) => {
                        frame += u64::from(rig.feed(track, frame, frames));
                        lengths[track as usize] = frame;
                    }
                    Step::NextTrack if track < 15 => {
                        (track, frame) = (track + 1, 0);
                        rig.begin(epoch, track, 0, Join::Follow);
                    }
                    Step::NextTrack => {}
                    Step::Jump(target) => {
                        (epoch, frame) = (epoch + 1, target);
                        rig.begin(epoch, track, target, Join::Now);
                    }
                    Step::Pause => {
                        rig.send(Command::PAUSE);
                        may_fade = FADE_FRAMES;
                    }
                    Step::Play => {
                        rig.send(Command::PLAY);
                        may_fade = FADE_FRAMES;
                    }
                    Step::Render(frames) => {
                        let before = rig.telemetry();
                        let heard = rig.render(frames);
                        let after = rig.telemetry();
                        if after.epoch != before.epoch || after.starved_frames != before.starved_frames {
                            // A jump or a hole somewhere within: the order is checked from the next quantum on.
                            may_fade = FADE_FRAMES;
                            continue;
                        }
                        let sure = &heard[may_fade.min(heard.len())..];
                        may_fade = may_fade.saturating_sub(heard.len());
                        let Some(&last) = sure.last() else { continue };
                        if after.state != State::Playing as u32 {
                            prop_assert!(after.state != State::Paused as u32 || sure.iter().all(|&sample| sample == 0.0));
                            continue;
                        }
                        prop_assert_eq!(last, value(after.track, after.track_frame - 1, 0));
                        let last_of = |track: u32| Some(value(track, u64::checked_sub(lengths[track as usize], 1)?, 0));
                        for pair in sure.windows(2) {
                            let follows = pair[1] == pair[0] + 1.0;
                            let ends = (1..16).any(|track| Some(pair[0]) == last_of(track));
                            let begins = (2..16).any(|track| pair[1] == value(track, 0, 0));
                            prop_assert!(follows || ends && begins, "{} then {}", pair[0], pair[1]);
                        }
                    }
                }
            }
            Ok(())
        })?;
    }

    /// The same feed gives the same bits, however the frames are split into quanta.
    #[test]
    fn any_split_gives_the_same_bits(sizes in prop::collection::vec(1usize..4096, 1..40)) {
        let total = 6000;
        let feed = |rig: &mut Rig<'_>| {
            rig.begin(1, 1, 0, Join::Now);
            rig.feed(1, 0, 3000);
            rig.begin(1, 2, 0, Join::Follow);
            rig.feed(2, 0, 2000);
            rig.begin(1, 3, 77, Join::At(4000));
            rig.feed(3, 77, 2500);
            rig.feeder.end().unwrap();
            rig.send(Command::PLAY);
        };
        let whole = with_rig(|rig| {
            feed(rig);
            let mut heard = rig.render(4096);
            heard.extend(rig.render(total - 4096));
            heard
        });
        let split = with_rig(|rig| {
            feed(rig);
            let mut heard = Vec::new();
            for &size in sizes.iter().cycle() {
                heard.extend(rig.render(size.min(total - heard.len())));
                if heard.len() == total {
                    break;
                }
            }
            heard
        });
        prop_assert!(whole.iter().map(|x| x.to_bits()).eq(split.iter().map(|x| x.to_bits())));
    }
}
