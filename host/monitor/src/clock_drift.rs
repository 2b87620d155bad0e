//! How fast the audio clock runs against the page's, and when one of the two jumped.
//!
//! *Lag* is the page's clock less the context's. Whoever reads the two sees it at any place of a device callback, or later if the
//! page is slow, but never less than right after a callback. So the rate is that of a line *under* the lags, as near to them as
//! there is one (Moon, Skelly, Towsley: *Estimation and removal of clock skew from network delay measurements*, INFOCOM 1999).
//! With noise that is spread evenly over a callback it is nearer than least squares, and what comes late does not move it.
//!
//! A *step* is a lag whose least over the last second differs from the least of the seconds before by more than the usual spread
//! of lags. What lies between two steps has a line of its own; all lines of the last minute have one slope.

use std::collections::VecDeque;

/// How far back the rate is taken from, and the least of it that must be known.
const MEMORY_MS: f64 = 60_000.0;
const LEAST_MS: f64 = 30_000.0;
/// What is compared to find a step: so much and so many samples, with so much before.
const NEW_MS: f64 = 1000.0;
const NEW_SAMPLES: usize = 3;
const BEFORE_MS: f64 = 10_000.0;
/// A step is longer than one and a half times the usual spread and this.
const MARGIN_MS: f64 = 8.0;
/// No clock is off by more.
const FARTHEST: f64 = 0.01;

#[derive(Clone, Copy, Debug)]
struct Sample {
    now_ms: f64,
    lag_ms: f64,
    /// Counts the stretches without a step or a pause.
    stretch: u32,
}

/// The two clocks, compared.
#[derive(Clone, Debug, Default)]
pub struct ClockDrift {
    samples: VecDeque<Sample>,
    stretch: u32,
    running: bool,
    steps: u64,
    last_step_ms: Option<f64>,
    settling: Option<Settling>,
}

/// A step that is known since less than a second, so that the least lag after it may not have been seen yet.
#[derive(Clone, Copy, Debug)]
struct Settling {
    before_ms: f64,
    until_ms: f64,
}

impl ClockDrift {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Both clocks, read at once: `performance.now()` and `AudioContext.currentTime`, and whether the context runs. Read ten
    /// times a second, the drift has an error of some millionths for callbacks of 10 ms, and twice as much for those of 21 ms;
    /// half of that if it is read twice as often.
    pub fn sample(&mut self, now_ms: f64, context_s: f64, running: bool) {
        let lag_ms = now_ms - context_s * 1000.0;
        if !running || !lag_ms.is_finite() {
            self.running = false;
            return;
        }
        if self.samples.back().is_some_and(|last| last.now_ms > now_ms) {
            self.samples.clear();
        }
        if !self.running {
            self.settling = None;
            self.stretch += 1;
            self.running = true;
        }
        self.samples.push_back(Sample { now_ms, lag_ms, stretch: self.stretch });
        while self.samples.front().is_some_and(|first| now_ms - first.now_ms > MEMORY_MS) {
            self.samples.pop_front();
        }
        self.settle(now_ms);
        self.look_for_a_step();
    }

    /// By how many millionths the audio clock is faster, over the last minute; `None` until 30 s are known: before that the callbacks' own
    /// unevenness is more than any clock's.
    #[must_use]
    pub fn ppm(&self) -> Option<f64> {
        let samples: Vec<Sample> = self.samples.iter().copied().collect();
        let stretches: Vec<&[Sample]> = samples.chunk_by(|a, b| a.stretch == b.stretch).collect();
        let lengths_ms = stretches.iter().filter_map(|stretch| Some(stretch.last()?.now_ms - stretch.first()?.now_ms));
        let known_ms: f64 = lengths_ms.sum();
        if known_ms < LEAST_MS {
            return None;
        }
        // The sum of all distances from lines of a slope that touch from below is convex in the slope: bisect where it stops to
        // fall.
        let (mut low, mut high) = (-FARTHEST, FARTHEST);
        for _ in 0..40 {
            let slope = f64::midpoint(low, high);
            if stretches.iter().map(|stretch| rise_of_distances(stretch, slope)).sum::<f64>() < 0.0 {
                low = slope;
            } else {
                high = slope;
            }
        }
        Some(-1e6 * f64::midpoint(low, high))
    }

    /// Times when one of the clocks jumped; `None` until both were read while the context ran.
    #[must_use]
    pub fn steps(&self) -> Option<u64> {
        (self.stretch > 0).then_some(self.steps)
    }

    /// How far the audio clock fell behind the last time; negative if it went ahead; `None` without a step.
    #[must_use]
    pub fn last_step_ms(&self) -> Option<f64> {
        self.last_step_ms
    }

    /// Counts steps from now on.
    pub fn reset(&mut self) {
        self.steps = 0;
        self.last_step_ms = None;
        self.settling = None;
    }

    fn look_for_a_step(&mut self) {
        let Some(&newest) = self.samples.back() else { return };
        let stretch: Vec<Sample> = self
            .samples
            .iter()
            .rev()
            .take_while(|sample| sample.stretch == self.stretch && newest.now_ms - sample.now_ms <= BEFORE_MS + NEW_MS)
            .copied()
            .collect();
        let new = stretch.iter().take_while(|sample| newest.now_ms - sample.now_ms <= NEW_MS).count().max(NEW_SAMPLES);
        let Some((new, before)) = stretch.split_at_checked(new) else { return };
        let covers_ms = before.first().zip(before.last()).map_or(0.0, |(last, first)| last.now_ms - first.now_ms);
        if before.len() < NEW_SAMPLES || covers_ms < NEW_MS {
            return;
        }
        let step_ms = least_ms(new) - least_ms(before);
        if step_ms.abs() <= MARGIN_MS {
            return;
        }
        let threshold_ms = MARGIN_MS + 1.5 * spread_ms(before);
        if step_ms.abs() <= threshold_ms {
            return;
        }
        self.steps += 1;
        self.last_step_ms = Some(step_ms);
        self.settling = Some(Settling { before_ms: least_ms(before), until_ms: newest.now_ms + NEW_MS });
        let first = if step_ms < 0.0 {
            // An audio clock that went ahead shows at once, while most of the last second is still from before.
            new.iter().rposition(|sample| sample.lag_ms < least_ms(before) - threshold_ms / 2.0)
        } else {
            // One that fell behind shows when the last second is from afterwards, but for what was read late before.
            let level_ms = least_ms(&new[..new.len().div_ceil(2)]);
            new.iter().take_while(|sample| sample.lag_ms >= level_ms - threshold_ms / 2.0).count().checked_sub(1)
        };
        let first_ms = first.map_or(newest.now_ms, |first| new[first].now_ms);
        self.stretch += 1;
        let after = self.samples.iter_mut().rev().take_while(|sample| sample.now_ms >= first_ms);
        after.for_each(|sample| sample.stretch = self.stretch);
    }

    fn settle(&mut self, now_ms: f64) {
        let Some(Settling { before_ms, until_ms }) = self.settling else { return };
        let after = self.samples.iter().rev().take_while(|sample| sample.stretch == self.stretch);
        self.last_step_ms = Some(after.map(|sample| sample.lag_ms).fold(f64::INFINITY, f64::min) - before_ms);
        if now_ms >= until_ms {
            self.settling = None;
        }
    }
}

fn least_ms(samples: &[Sample]) -> f64 {
    samples.iter().map(|sample| sample.lag_ms).fold(f64::INFINITY, f64::min)
}

/// The range in which nine of ten lags lie, which is that of a callback if the page is not slow.
fn spread_ms(samples: &[Sample]) -> f64 {
    let mut lags: Vec<f64> = samples.iter().map(|sample| sample.lag_ms).collect();
    lags.sort_by(f64::total_cmp);
    lags.get(lags.len() * 9 / 10).zip(lags.first()).map_or(0.0, |(high, low)| high - low)
}

/// By how much the sum of the distances to the line grows with its slope.
fn rise_of_distances(stretch: &[Sample], slope: f64) -> f64 {
    let touched = stretch.iter().min_by(|a, b| (a.lag_ms - slope * a.now_ms).total_cmp(&(b.lag_ms - slope * b.now_ms)));
    touched.map_or(0.0, |touched| stretch.iter().map(|sample| touched.now_ms - sample.now_ms).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Random;

    /// A context's clock that advances by whole callbacks, read `a_second` times a second, sometimes later.
    struct Clocks {
        random: Random,
        callback_ms: f64,
        ppm: f64,
        a_second: f64,
        now_ms: f64,
        context_ms: f64,
    }

    impl Clocks {
        fn new(seed: u64, callback_ms: f64, ppm: f64) -> Self {
            Self { random: Random(seed), callback_ms, ppm, a_second: 10.0, now_ms: 1e5, context_ms: 0.0 }
        }

        /// `length_ms` go by.
        fn run(&mut self, drift: &mut ClockDrift, length_ms: f64) {
            let until_ms = self.now_ms + length_ms;
            while self.now_ms < until_ms {
                let passed_ms = (0.9 + 0.2 * self.random.unit()) * 1000.0 / self.a_second;
                self.now_ms += passed_ms;
                self.context_ms += passed_ms * (1.0 + self.ppm / 1e6);
                let seen_ms = (self.context_ms / self.callback_ms).floor() * self.callback_ms;
                // The page was busy for a while after it had been told the context's time.
                let stale_ms = if self.random.below(50) == 0 { passed_ms / 2.0 } else { 0.0 };
                drift.sample(self.now_ms + stale_ms, seen_ms / 1000.0, true);
            }
        }
    }

    #[test]
    fn the_drift_is_found_to_ten_millionths_in_a_minute() {
        for seed in 1..30 {
            for (callback_ms, a_second) in [(2.67, 5.0), (10.0, 10.0), (21.33, 20.0)] {
                for ppm in [-170.0, -40.0, 0.0, 170.0] {
                    let mut drift = ClockDrift::new();
                    Clocks { a_second, ..Clocks::new(seed, callback_ms, ppm) }.run(&mut drift, 61_000.0);
                    let told = drift.ppm().expect("a minute");
                    assert!((told - ppm).abs() < 10.0, "{seed} {callback_ms} {ppm}: {told}");
                    assert_eq!((drift.steps(), drift.last_step_ms()), (Some(0), None), "{seed} {callback_ms} {ppm}");
                }
            }
        }
    }

    fn least_squares_ppm(drift: &ClockDrift) -> f64 {
        let mean = |of: fn(&Sample) -> f64| drift.samples.iter().map(of).sum::<f64>() / drift.samples.len() as f64;
        let (now_ms, lag_ms) = (mean(|sample| sample.now_ms), mean(|sample| sample.lag_ms));
        let products = drift.samples.iter().map(|sample| (sample.now_ms - now_ms) * (sample.lag_ms - lag_ms));
        let squares = drift.samples.iter().map(|sample| (sample.now_ms - now_ms).powi(2));
        -1e6 * products.sum::<f64>() / squares.sum::<f64>()
    }

    #[test]
    fn a_line_under_the_lags_is_nearer_than_least_squares() {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for seed in 1..100 {
            let mut drift = ClockDrift::new();
            Clocks::new(seed, 21.33, 60.0).run(&mut drift, 61_000.0);
            ours += (drift.ppm().expect("a minute") - 60.0).powi(2);
            theirs += (least_squares_ppm(&drift) - 60.0).powi(2);
        }
        assert!(4.0 * ours < theirs, "{ours} {theirs}");
    }

    #[test]
    fn a_clock_that_loses_180_ms_makes_one_step_and_no_drift() {
        for seed in 1..30 {
            for (callback_ms, lost_ms) in
                [(2.67, 180.0), (10.0, 180.0), (21.33, 180.0), (21.33, -180.0), (46.44, 180.0)]
            {
                let mut drift = ClockDrift::new();
                let mut clocks = Clocks { a_second: 20.0, ..Clocks::new(seed, callback_ms, 170.0) };
                clocks.run(&mut drift, 25_000.0);
                clocks.context_ms -= lost_ms;
                clocks.run(&mut drift, 36_000.0);
                assert_eq!(drift.steps(), Some(1), "{seed} {callback_ms}");
                let step_ms = drift.last_step_ms().expect("a step");
                assert!((step_ms - lost_ms).abs() <= callback_ms + 1.0, "{seed} {callback_ms}: {step_ms}");
                // The step alone would be 4500 millionths. Half the time on each side has more than twice the error.
                let (told, tolerance) = (drift.ppm().expect("a minute"), 2.0 * callback_ms.max(5.0));
                assert!((told - 170.0).abs() < tolerance, "{seed} {callback_ms}: {told}");
            }
        }
    }

    #[test]
    fn a_stall_that_is_caught_up_with_is_no_step() {
        for seed in 1..20 {
            let (mut drift, mut clocks) = (ClockDrift::new(), Clocks::new(seed, 10.0, 0.0));
            clocks.run(&mut drift, 20_000.0);
            clocks.context_ms -= 500.0;
            clocks.run(&mut drift, 500.0);
            clocks.context_ms += 500.0;
            clocks.run(&mut drift, 20_000.0);
            assert_eq!(drift.steps(), Some(0), "{seed}");
            assert!(drift.ppm().expect("40 s").abs() < 15.0);
        }
    }

    #[test]
    fn steps_are_counted_each() {
        let (mut drift, mut clocks) = (ClockDrift::new(), Clocks::new(7, 21.33, -100.0));
        for lost_ms in [180.0, 90.0, -300.0, 3000.0] {
            clocks.run(&mut drift, 8000.0);
            clocks.context_ms -= lost_ms;
        }
        clocks.run(&mut drift, 8000.0);
        assert_eq!(drift.steps(), Some(4));
        drift.reset();
        assert_eq!((drift.steps(), drift.last_step_ms()), (Some(0), None));
    }

    #[test]
    fn a_context_that_stands_makes_neither_step_nor_drift() {
        for seed in 1..20 {
            let (mut drift, mut clocks) = (ClockDrift::new(), Clocks::new(seed, 10.0, 50.0));
            for _ in 0..4 {
                clocks.run(&mut drift, 12_000.0);
                for _ in 0..30 {
                    clocks.now_ms += 100.0;
                    drift.sample(clocks.now_ms, clocks.context_ms / 1000.0, false);
                }
            }
            clocks.run(&mut drift, 12_000.0);
            assert_eq!(drift.steps(), Some(0), "{seed}");
            let told = drift.ppm().expect("a minute");
            assert!((told - 50.0).abs() < 40.0, "{seed}: {told}");
        }
    }

    #[test]
    fn the_rate_is_not_known_before_half_a_minute() {
        let (mut drift, mut clocks) = (ClockDrift::new(), Clocks::new(1, 10.0, 50.0));
        assert_eq!((drift.ppm(), drift.steps()), (None, None));
        drift.sample(0.0, 0.0, false);
        assert_eq!((drift.ppm(), drift.steps()), (None, None));
        clocks.run(&mut drift, 29_500.0);
        assert_eq!((drift.ppm(), drift.steps()), (None, Some(0)));
        clocks.run(&mut drift, 1000.0);
        assert!(drift.ppm().is_some());
    }

    #[test]
    fn what_is_no_time_is_passed_over() {
        let (mut drift, mut clocks) = (ClockDrift::new(), Clocks::new(1, 10.0, 0.0));
        clocks.run(&mut drift, 20_000.0);
        drift.sample(f64::NAN, 1.0, true);
        drift.sample(clocks.now_ms, f64::INFINITY, true);
        clocks.run(&mut drift, 15_000.0);
        assert!(drift.ppm().is_some_and(f64::is_finite));
        assert_eq!(drift.steps(), Some(0));
    }
}
