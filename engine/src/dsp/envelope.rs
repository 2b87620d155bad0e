//! Envelope follower: a one-pole filter that rises and falls at different speeds.
//!
//! `value += share·(target − value)`, with the share of the attack or of the release. A time constant is the time in
//! which a step is followed by `1 − 1/e`, 63 %: `share = 1 − e^(−1/(time·sample_rate))`.

use super::narrow;

/// Smallest value that is kept: −400 dB of an amplitude, −200 dB of a power. What decays ends there, before it is denormal.
const SMALLEST: f32 = 1e-20;

/// A value that follows others: an amplitude, a mean square, or a gain in dB.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    attack_share: f32,
    release_share: f32,
    value: f32,
}

impl Envelope {
    /// An envelope at 0; time constants in seconds, of which 0 follows at once; `sample_rate` in Hz.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new(attack_s: f32, release_s: f32, sample_rate: f32) -> Self {
        let mut envelope = Self { attack_share: 1.0, release_share: 1.0, value: 0.0 };
        envelope.set_times(attack_s, release_s, sample_rate);
        envelope
    }

    /// Sets the time constants, and keeps the value.
    ///
    /// # Real-time
    /// Audio thread; as long as two exponentials.
    pub fn set_times(&mut self, attack_s: f32, release_s: f32, sample_rate: f32) {
        self.attack_share = share(attack_s, sample_rate);
        self.release_share = share(release_s, sample_rate);
    }

    /// Sets the value.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn reset(&mut self, value: f32) {
        self.value = value;
    }

    /// What it is now.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn value(&self) -> f32 {
        self.value
    }

    /// Follows the magnitude of a sample: attack while it is greater. Gives the envelope, linear.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn peak(&mut self, sample: f32) -> f32 {
        let target = sample.abs();
        self.follow(target, target > self.value)
    }

    /// Follows the square of a sample: attack while it is greater. With two equal times it is the mean square, whose root
    /// is the RMS.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn square(&mut self, sample: f32) -> f32 {
        let target = sample * sample;
        self.follow(target, target > self.value)
    }

    /// Follows a gain in dB: attack while it is less, so that gain is taken back at the attack and returned at the
    /// release.
    ///
    /// # Real-time
    /// Audio thread.
    #[inline]
    pub fn gain_db(&mut self, target_db: f32) -> f32 {
        self.follow(target_db, target_db < self.value)
    }

    #[inline]
    fn follow(&mut self, target: f32, is_attack: bool) -> f32 {
        let share = if is_attack { self.attack_share } else { self.release_share };
        let next = self.value + share * (target - self.value);
        // Nor is what is not a number greater: it begins again at 0.
        self.value = if next.abs() > SMALLEST { next } else { 0.0 };
        self.value
    }
}

/// How much of a step one frame follows; all of it where the time is 0 or not a number.
pub(crate) fn share(time_s: f32, sample_rate: f32) -> f32 {
    let frames = 0f64.max(f64::from(time_s) * f64::from(sample_rate));
    if frames > 0.0 { narrow(-libm::expm1(-1.0 / frames)) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f32 = 48_000.0;

    #[test]
    fn a_step_is_followed_by_63_percent_in_the_time_constant() {
        for (attack_s, release_s) in [(0.01, 0.1), (0.001, 1.0), (0.2, 0.003)] {
            let mut envelope = Envelope::new(attack_s, release_s, RATE);
            let frames = |time_s: f32| (0..).take_while(move |&n| (n as f32) < time_s * RATE - 0.5);
            let up = frames(attack_s).map(|_: u32| envelope.peak(-1.0)).last().unwrap();
            assert!((f64::from(up) - (1.0 - (-1f64).exp())).abs() < 1e-4, "{up}");
            envelope.reset(1.0);
            let down = frames(release_s).map(|_: u32| envelope.peak(0.0)).last().unwrap();
            assert!((f64::from(down) - (-1f64).exp()).abs() < 1e-4, "{down}");
        }
    }

    #[test]
    fn no_time_follows_at_once() {
        for time_s in [0.0, -1.0, f32::NAN] {
            let mut envelope = Envelope::new(time_s, time_s, RATE);
            assert_eq!(envelope.peak(-0.7), 0.7);
            assert!((envelope.peak(0.1) - 0.1).abs() < 1e-7);
        }
    }

    #[test]
    fn squares_of_a_sine_have_its_mean() {
        let mut envelope = Envelope::new(0.3, 0.3, RATE);
        for n in 0..48_000 * 4 {
            envelope.square(narrow((f64::from(n) * core::f64::consts::TAU / 48.0).sin()));
        }
        assert!((envelope.value() - 0.5).abs() < 1e-3, "{}", envelope.value());
    }

    #[test]
    fn a_gain_is_taken_back_at_the_attack() {
        let mut envelope = Envelope::new(0.001, 1.0, RATE);
        for _ in 0..480 {
            envelope.gain_db(-12.0);
        }
        assert!((envelope.value() + 12.0).abs() < 1e-3);
        for _ in 0..480 {
            envelope.gain_db(0.0);
        }
        let expected = -12.0 * (-0.01f64).exp();
        assert!((f64::from(envelope.value()) - expected).abs() < 1e-2, "{}", envelope.value());
    }

    #[test]
    fn it_falls_to_zero_and_forgets_what_is_not_a_number() {
        let mut envelope = Envelope::new(0.0, 0.01, RATE);
        envelope.peak(1.0);
        for _ in 0..30_000 {
            let value = envelope.peak(0.0);
            assert!(value == 0.0 || value >= SMALLEST);
        }
        assert_eq!(envelope.value(), 0.0);
        envelope.peak(f32::NAN);
        assert_eq!(envelope.peak(0.5), 0.5);
    }
}
