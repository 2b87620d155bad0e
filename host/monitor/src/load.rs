//! How much of its time the audio thread spends in our processors, from the pulses of the flight recorder.
//!
//! A pulse tells the steps of a clock, 1 ms each, that fell between the beginning and the end of a node: of the pool's, or in solo mode
//! of the worklet's. Each step falls there with the probability that is the load, so the sum over a second is the load, sampled.

use std::collections::VecDeque;

/// The average is over so long.
const AVERAGE_MS: f64 = 5000.0;

/// The peak is the highest of what this long a time comes to.
const PEAK_MS: f64 = 1000.0;

/// A pulse after a longer time tells of a context that stood still.
const LONGEST_PULSE_MS: f64 = 1000.0;

/// The load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// When, how long before that the last pulse was, and how much of it was ours; all in ms.
    pulses: VecDeque<(f64, f64, f64)>,
    last_ms: Option<f64>,
    peak: Option<f64>,
}

impl Load {
    /// A pulse of the audio thread at `clock_ms`, with the time that it spent in our processors since the one before.
    pub fn pulse(&mut self, clock_ms: f64, inside_ms: f64) {
        if !clock_ms.is_finite() {
            return;
        }
        let Some(last_ms) = self.last_ms.replace(clock_ms) else { return };
        let elapsed_ms = clock_ms - last_ms;
        if !(0.0..=LONGEST_PULSE_MS).contains(&elapsed_ms) {
            self.pulses.clear();
            return;
        }
        self.pulses.push_back((clock_ms, elapsed_ms, inside_ms.min(elapsed_ms)));
        while self.pulses.front().is_some_and(|(at_ms, ..)| clock_ms - at_ms > AVERAGE_MS) {
            self.pulses.pop_front();
        }
        let share = self.share_since(clock_ms - PEAK_MS);
        // Before a second is known one step of the clock weighs too much.
        if self.pulses.front().is_some_and(|(at_ms, ..)| clock_ms - at_ms >= PEAK_MS) {
            self.peak = self.peak.into_iter().chain(share).reduce(f64::max);
        }
    }

    /// Share of the last five seconds, 0 to 1; `None` while nothing is known.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        self.share_since(f64::NEG_INFINITY)
    }

    /// The highest share of a second, 0 to 1.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        self.peak
    }

    /// Forgets the peak.
    pub fn reset(&mut self) {
        self.peak = None;
    }

    fn share_since(&self, since_ms: f64) -> Option<f64> {
        let lately = self.pulses.iter().filter(|(at_ms, ..)| *at_ms >= since_ms);
        let (elapsed_ms, inside_ms) = lately.fold((0.0, 0.0), |(elapsed, inside), (_, e, i)| (elapsed + e, inside + i));
        (elapsed_ms > 0.0).then_some(inside_ms / elapsed_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(share: Option<f64>, expected: f64) -> bool {
        share.is_some_and(|share| (share - expected).abs() < 1e-9)
    }

    #[test]
    fn nothing_is_known_before_the_second_pulse() {
        let mut load = Load::default();
        assert_eq!(load.average(), None);
        load.pulse(f64::NEG_INFINITY, 3.0);
        load.pulse(1000.0, 3.0);
        assert_eq!((load.average(), load.peak()), (None, None));
    }

    #[test]
    fn the_average_forgets_and_the_peak_does_not() {
        let mut load = Load::default();
        let mut pulses = |count: u32, from: u32, inside_ms: f64| {
            (from..from + count).for_each(|n| load.pulse(f64::from(n) * 50.0, inside_ms));
            load.clone()
        };
        assert!(close(pulses(100, 0, 10.0).average(), 0.2));
        // A second has a pulse at either end.
        let busy = pulses(21, 100, 40.0);
        assert!(close(busy.peak(), 0.8));
        let quiet = pulses(200, 121, 5.0);
        assert!(close(quiet.average(), 0.1) && close(quiet.peak(), 0.8));
    }

    #[test]
    fn a_context_that_stood_still_was_not_idle() {
        let mut load = Load::default();
        (0..100).for_each(|n| load.pulse(f64::from(n) * 50.0, 25.0));
        load.pulse(600_000.0, 25.0);
        assert_eq!(load.average(), None);
        load.pulse(600_050.0, 25.0);
        assert!(close(load.average(), 0.5));
    }

    #[test]
    fn a_step_of_the_clock_is_no_more_than_the_time_that_passed() {
        let mut load = Load::default();
        load.pulse(0.0, 0.0);
        load.pulse(50.0, 900.0);
        assert!(close(load.average(), 1.0));
    }
}
