//! State-variable filter with trapezoidal integration, four of them side by side.
//!
//! With `w = x − s2`:
//! ```text
//! d   = a·w − e·s1        a = 2g/D,  e = 2g(g + k)/D,  D = 1 + g² + g·k
//! u   = 2·s1 + d          twice the band pass
//! s1' = s1 + d
//! s2' = s2 + g·u
//! y   = m0·x + n·u + m2·s2        n = (m1 + g·m2)/2
//! ```
//! `g = tan(π·frequency/sample_rate)` and `k = 1/Q`; the mix `m0, m1, m2` gives every shape of the Audio EQ Cookbook
//! exactly (A. Simper, "Solving the continuous SVF equations using trapezoidal integration and equivalent currents",
//! 2013). It is written with the increments `d` and `g·u`, whose coefficients are small where the frequency is low, so that
//! `f32` loses nothing there.
//!
//! Whatever `g > 0` and `k > 0` a frame has, a frame without input changes the energy by `s1'² + s2'² − s1² − s2² =
//! −g·k·u² ≤ 0`. So the filter stays stable however its parameters move.

use super::biquad::{Band, Shape};
use super::narrow;
use super::ramp::CONTROL_FRAMES;
use super::simd::{F32x4, LANES};

/// Smallest state that is kept, −300 dB: what decays from there ends before it is denormal.
const SMALLEST_STATE: f32 = 1e-15;

/// Parameters of one filter, as they are interpolated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Integrator gain `tan(π·frequency/sample_rate)`.
    pub g: f32,
    /// Damping `1/Q`.
    pub k: f32,
    /// Share of the input in the output.
    pub m0: f32,
    /// Share of the band pass.
    pub m1: f32,
    /// Share of the low pass.
    pub m2: f32,
}

impl Section {
    /// Passes everything as it is.
    pub const IDENTITY: Self = Self { g: 0.0, k: 0.0, m0: 1.0, m1: 0.0, m2: 0.0 };

    /// The filter with the transfer function of [`Biquad::new`](super::biquad::Biquad::new); `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Any thread; about as long as ten logarithms.
    #[must_use]
    pub fn new(band: &Band, sample_rate: f32) -> Self {
        let g = libm::tan(band.half_angle(sample_rate));
        let k = 1.0 / band.quality();
        let gain = band.root_of_gain();
        let (g, k, [m0, m1, m2]) = match band.shape {
            Shape::LowPass => (g, k, [0.0, 0.0, 1.0]),
            Shape::HighPass => (g, k, [1.0, -k, -1.0]),
            Shape::BandPass => (g, k, [0.0, k, 0.0]),
            Shape::Notch => (g, k, [1.0, -k, 0.0]),
            Shape::AllPass => (g, k, [1.0, -2.0 * k, 0.0]),
            Shape::Peak => (g, k / gain, [1.0, k / gain * (gain * gain - 1.0), 0.0]),
            Shape::LowShelf => (g / libm::sqrt(gain), k, [1.0, k * (gain - 1.0), gain * gain - 1.0]),
            Shape::HighShelf => (g * libm::sqrt(gain), k, [gain * gain, k * (1.0 - gain) * gain, 1.0 - gain * gain]),
        };
        Self { g: narrow(g), k: narrow(k), m0: narrow(m0), m1: narrow(m1), m2: narrow(m2) }
    }
}

/// Parameters of four filters.
#[derive(Clone, Copy, Debug)]
struct Sections {
    g: F32x4,
    k: F32x4,
    m0: F32x4,
    m1: F32x4,
    m2: F32x4,
}

impl Sections {
    fn new(sections: [Section; LANES]) -> Self {
        Self {
            g: F32x4::new(sections.map(|section| section.g)),
            k: F32x4::new(sections.map(|section| section.k)),
            m0: F32x4::new(sections.map(|section| section.m0)),
            m1: F32x4::new(sections.map(|section| section.m1)),
            m2: F32x4::new(sections.map(|section| section.m2)),
        }
    }

    /// A part of the straight way to `to`, in each lane its own.
    #[inline(always)]
    fn toward(&self, to: &Self, part: F32x4) -> Self {
        let line = |from: F32x4, to: F32x4| from + (to - from) * part;
        Self {
            g: line(self.g, to.g),
            k: line(self.k, to.k),
            m0: line(self.m0, to.m0),
            m1: line(self.m1, to.m1),
            m2: line(self.m2, to.m2),
        }
    }

    #[inline(always)]
    fn coefficients(&self) -> Coefficients {
        let one = F32x4::splat(1.0);
        let sum = self.g + self.k;
        let double = (self.g + self.g) / (one + self.g * sum);
        Coefficients {
            a: double,
            e: double * sum,
            g: self.g,
            m0: self.m0,
            n: (self.m1 + self.g * self.m2) * 0.5,
            m2: self.m2,
        }
    }
}

/// What a frame of four filters is computed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients {
    a: F32x4,
    e: F32x4,
    g: F32x4,
    m0: F32x4,
    n: F32x4,
    m2: F32x4,
}

/// Four filters' parameters, on their way from one control point to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuning {
    sections: [Section; LANES],
    from: Sections,
    to: Sections,
    pub(super) resting: Coefficients,
    pub(super) is_moving: bool,
}

impl Tuning {
    pub(super) fn new(sections: [Section; LANES]) -> Self {
        let lanes = Sections::new(sections);
        Self { sections, from: lanes, to: lanes, resting: lanes.coefficients(), is_moving: false }
    }

    /// A control point: what moved rests.
    pub(super) fn settle(&mut self) {
        if self.is_moving {
            self.from = self.to;
            self.resting = self.to.coefficients();
            self.is_moving = false;
        }
    }

    /// Lets a lane move to `section`, which it reaches at the next control point.
    pub(super) fn control(&mut self, lane: usize, section: Section) {
        if let Some(place) = self.sections.get_mut(lane)
            && *place != section
        {
            *place = section;
            self.to = Sections::new(self.sections);
            self.is_moving = true;
        }
    }

    /// The coefficients `phase` frames after the control point, in each lane its own; later than the next one, those
    /// which rest there.
    #[inline(always)]
    pub(super) fn at(&self, phase: F32x4) -> Coefficients {
        let part = phase.min(F32x4::splat(CONTROL_FRAMES as f32)) * (1.0 / CONTROL_FRAMES as f32);
        self.from.toward(&self.to, part).coefficients()
    }
}

/// The integrators of four filters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) s1: F32x4,
    pub(super) s2: F32x4,
}

impl State {
    #[inline(always)]
    pub(super) fn tick(&mut self, x: F32x4, with: &Coefficients) -> F32x4 {
        let d = with.a * (x - self.s2) - with.e * self.s1;
        let u = (self.s1 + self.s1) + d;
        let y = (with.m0 * x + with.m2 * self.s2) + with.n * u;
        self.s1 += d;
        self.s2 += with.g * u;
        y
    }

    #[inline(always)]
    pub(super) fn flush(&mut self) {
        self.s1 = flushed(self.s1);
        self.s2 = flushed(self.s2);
    }
}

/// Lanes that are smaller than [`SMALLEST_STATE`], or not a number, as zero.
#[inline(always)]
pub(super) fn flushed(lanes: F32x4) -> F32x4 {
    F32x4::splat(SMALLEST_STATE).less_than(lanes.abs()).select(lanes, F32x4::ZERO)
}

/// Four filters of four signals.
#[derive(Clone, Copy, Debug)]
pub struct StateVariable {
    tuning: Tuning,
    state: State,
}

impl StateVariable {
    /// Filters at rest, one for each lane.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(sections: [Section; LANES]) -> Self {
        Self { tuning: Tuning::new(sections), state: State::default() }
    }

    /// A control point: lets each lane move from where it is to its section, which it reaches [`CONTROL_FRAMES`] later.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn control(&mut self, sections: [Section; LANES]) {
        self.tuning.settle();
        for (lane, section) in sections.into_iter().enumerate() {
            self.tuning.control(lane, section);
        }
    }

    /// Filters frames in place, the first of which lies `phase` frames after a control point: up to the next one, or any
    /// number of them while nothing moves. At each absolute control point, states below −300 dB become zero.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn process(&mut self, frames: &mut [F32x4], phase: usize) {
        let Self { tuning, state } = self;
        for (n, frame) in frames.iter_mut().enumerate() {
            let phase = phase + n;
            if phase.is_multiple_of(CONTROL_FRAMES) {
                state.flush();
            }
            let coefficients = if tuning.is_moving { tuning.at(F32x4::splat(phase as f32)) } else { tuning.resting };
            *frame = state.tick(*frame, &coefficients);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::biquad::Biquad;
    use super::*;
    use std::vec::Vec;

    const SHAPES: [Shape; 8] = [
        Shape::LowPass,
        Shape::HighPass,
        Shape::BandPass,
        Shape::Notch,
        Shape::AllPass,
        Shape::Peak,
        Shape::LowShelf,
        Shape::HighShelf,
    ];

    fn noise(frames: usize) -> Vec<f32> {
        let mut word = 1u32;
        let next = |_| {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (word >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..frames).map(next).collect()
    }

    /// The cookbook's filter in direct form, in `f64`.
    fn reference(biquad: &Biquad, input: &[f32]) -> Vec<f64> {
        let ([b0, b1, b2], [a1, a2]) = (biquad.b, biquad.a);
        let (mut s1, mut s2) = (0.0, 0.0);
        let tick = |&x: &f32| {
            let x = f64::from(x);
            let y = b0 * x + s1;
            s1 = b1 * x - a1 * y + s2;
            s2 = b2 * x - a2 * y;
            y
        };
        input.iter().map(tick).collect()
    }

    fn render(section: Section, input: &[f32]) -> Vec<f32> {
        let mut filter = StateVariable::new([section; LANES]);
        let mut frames: Vec<F32x4> = input.iter().map(|&x| F32x4::splat(x)).collect();
        filter.process(&mut frames, 0);
        frames.into_iter().map(|frame| frame.to_array()[2]).collect()
    }

    fn error_db(actual: &[f32], expected: &[f64]) -> f64 {
        let error: f64 = actual.iter().zip(expected).map(|(&a, e)| (f64::from(a) - e).powi(2)).sum();
        let power: f64 = expected.iter().map(|e| e * e).sum();
        10.0 * (error / power).log10()
    }

    #[test]
    fn every_shape_is_the_cookbooks() {
        let input = noise(20_000);
        for sample_rate in [3_000.0, 44_100.0, 768_000.0] {
            for shape in SHAPES {
                for (fraction, q, gain_db) in [(0.001, 0.7, 6.0), (0.02, 8.0, -15.0), (0.3, 1.0, 12.0), (0.6, 2.0, 3.0)]
                {
                    let band = Band { shape, frequency_hz: sample_rate * fraction, q, gain_db };
                    let expected = reference(&Biquad::new(&band, sample_rate), &input);
                    let error = error_db(&render(Section::new(&band, sample_rate), &input), &expected);
                    // The last one lies at 0.49 of the rate, where the integrators' gain is 32.
                    let limit = if fraction < 0.5 { -110.0 } else { -85.0 };
                    assert!(error < limit, "{band:?} at {sample_rate}: {error} dB");
                }
            }
        }
    }

    #[test]
    fn low_frequencies_are_accurate_at_high_rates() {
        for sample_rate in [48_000.0, 96_000.0, 192_000.0] {
            let input = noise(400_000);
            for (shape, q) in [(Shape::Peak, 1.0), (Shape::Peak, 10.0), (Shape::LowPass, 0.7), (Shape::LowShelf, 0.7)] {
                let band = Band { shape, frequency_hz: 20.0, q, gain_db: 12.0 };
                let expected = reference(&Biquad::new(&band, sample_rate), &input);
                let error = error_db(&render(Section::new(&band, sample_rate), &input), &expected);
                assert!(error < -115.0, "{band:?} at {sample_rate}: {error} dB");
            }
        }
    }

    #[test]
    fn moving_parameters_never_add_energy() {
        let mut filter = StateVariable::new([Section::IDENTITY; LANES]);
        let energy = |filter: &StateVariable| -> f32 {
            let (s1, s2) = (filter.state.s1.to_array()[0], filter.state.s2.to_array()[0]);
            s1 * s1 + s2 * s2
        };
        filter.state = State { s1: F32x4::splat(1.0), s2: F32x4::splat(-1.0) };
        let mut last = energy(&filter);
        for (n, &value) in noise(3_000).iter().enumerate() {
            let frequency_hz = 20.0 * (900.0f32).powf(value.abs());
            let band = Band { shape: SHAPES[n % 8], frequency_hz, q: 1000.0, gain_db: 0.0 };
            filter.control([Section::new(&band, 44_100.0); LANES]);
            for phase in 0..CONTROL_FRAMES {
                filter.process(&mut [F32x4::ZERO], phase);
                let now = energy(&filter);
                assert!(now <= last * 1.000_001, "{n} {phase}: {last} {now}");
                last = now;
            }
        }
    }

    #[test]
    fn it_falls_silent_and_forgets_what_is_not_a_number() {
        let band = Band { shape: Shape::Peak, frequency_hz: 1000.0, q: 1.0, gain_db: 6.0 };
        let mut filter = StateVariable::new([Section::new(&band, 48_000.0); LANES]);
        let mut frames = std::vec![F32x4::ZERO; 48_000];
        frames[7] = F32x4::splat(1.0);
        frames[11] = F32x4::new([f32::NAN, f32::INFINITY, 0.0, 1.0]);
        filter.process(&mut frames, 0);
        assert!(frames[100..].iter().all(|frame| frame.to_array().iter().all(|y| y.is_finite())));
        assert!(frames[9_000..].iter().all(|frame| frame.to_array() == [0.0; 4]));
    }
}
