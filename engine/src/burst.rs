//! How many frames the browser asks for at once.
//!
//! A device callback of 2048 frames is sixteen quanta within microseconds: frames pass, time does not. The pool's clock,
//! which a worker stamps about once a millisecond, shows it: frames between two stamps are a burst.

/// A learnt burst is forgotten after one to two of these.
const MEMORY_SECONDS: f32 = 0.5;

/// So long the clock is watched before anything is left to the pool.
const WATCH_SECONDS: f32 = 0.1;

/// What a job needs beside the burst: the timekeeper's tick, a wake-up, its execution. Measured in Chromium with one
/// worker: posted to done within 2.4 ms (99 %) on an idle machine, 4 to 6 ms with more busy threads than cores.
pub(crate) const WAKE_SECONDS: f32 = 0.005;

/// The longest burst of late.
pub(crate) struct Burst {
    stamp_ms: f64,
    /// Frames since the stamp last changed.
    running: u32,
    /// The longest of the present and of the last period.
    longest: [u32; 2],
    /// Frames of the present period.
    elapsed: u32,
    /// Frames that the clock is still to be watched.
    unwatched: u32,
    memory_frames: u32,
    wake_frames: u32,
}

impl Burst {
    pub(crate) fn new(sample_rate: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of frames")]
        let frames = |seconds: f32| (seconds * sample_rate) as u32;
        Self {
            stamp_ms: f64::NEG_INFINITY,
            running: 0,
            longest: [0; 2],
            elapsed: 0,
            unwatched: frames(WATCH_SECONDS),
            memory_frames: frames(MEMORY_SECONDS),
            wake_frames: frames(WAKE_SECONDS),
        }
    }

    /// A quantum of `frames` frames begins while the pool's clock shows `stamp_ms`.
    pub(crate) fn observe(&mut self, stamp_ms: f64, frames: usize) {
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        if stamp_ms.to_bits() != self.stamp_ms.to_bits() {
            self.stamp_ms = stamp_ms;
            self.running = 0;
        }
        self.running = self.running.saturating_add(frames);
        self.unwatched = self.unwatched.saturating_sub(frames);
        let [present, last] = &mut self.longest;
        *present = self.running.max(*present);
        self.elapsed = self.elapsed.saturating_add(frames);
        if self.elapsed >= self.memory_frames {
            self.elapsed = 0;
            *last = *present;
            *present = self.running;
        }
    }

    /// Whether a job can go to a worker and come back within `slack` frames.
    pub(crate) fn leaves_time(&self, slack: usize) -> bool {
        let [present, last] = self.longest;
        self.unwatched == 0 && slack as u64 >= u64::from(present.max(last)) + u64::from(self.wake_frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(quanta_per_stamp: u32) -> Burst {
        let mut burst = Burst::new(48_000.0);
        for quantum in 0..1000 {
            burst.observe(f64::from(quantum / quanta_per_stamp), 128);
        }
        burst
    }

    #[test]
    fn the_burst_is_what_passes_between_two_stamps() {
        for quanta in [1, 4, 16] {
            let burst = settled(quanta);
            let needed = quanta as usize * 128 + 240;
            assert!(burst.leaves_time(needed));
            assert!(!burst.leaves_time(needed - 1));
        }
    }

    #[test]
    fn a_clock_that_stands_is_an_endless_burst() {
        let mut burst = settled(1);
        for _ in 0..100 {
            burst.observe(1e9, 128);
        }
        assert!(!burst.leaves_time(8192));
        assert!(!Burst::new(48_000.0).leaves_time(1 << 20), "nothing is known at the start");
    }

    #[test]
    fn a_longer_burst_counts_at_once_and_is_forgotten_in_time() {
        let mut burst = settled(1);
        for _ in 0..16 {
            burst.observe(1e9, 128);
        }
        assert!(!burst.leaves_time(1024));
        for quantum in 0..400 {
            burst.observe(2e9 + f64::from(quantum), 128);
        }
        assert!(burst.leaves_time(1024));
    }
}
