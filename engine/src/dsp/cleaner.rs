//! Takes out of a signal what no signal has: NaN, infinities, absurd magnitudes and denormals.

use super::simd::{F32x4, LANES};

/// Larger magnitudes are not sound: +200 dBFS. What is below stays finite through whatever an effect multiplies it with.
pub const MAGNITUDE_LIMIT: f32 = 1e10;

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Samples that were not a number, infinite or above [`MAGNITUDE_LIMIT`].
    pub not_finite: u32,
    /// Samples too small for a normal number, not zero.
    pub denormal: u32,
}

/// Puts zero in the place of each sample that is no sound, and leaves every bit of the others. The processor would be up to a
/// hundred times slower with denormals, and one NaN would stay in a filter for ever.
///
/// # Real-time
/// Audio thread.
pub fn clean(samples: &mut [f32]) -> Cleaned {
    let (mut not_finite, mut denormal) = (F32x4::ZERO, F32x4::ZERO);
    let (limit, least, one) = (F32x4::splat(MAGNITUDE_LIMIT), F32x4::splat(f32::MIN_POSITIVE), F32x4::splat(1.0));
    let mut clean = |lanes: [f32; LANES]| {
        let samples = F32x4::new(lanes);
        let magnitude = samples.abs();
        // A comparison with NaN does not hold.
        let (sane, small) = (magnitude.less_than(limit), magnitude.less_than(least));
        not_finite += sane.select(F32x4::ZERO, one);
        denormal += small.select(F32x4::ZERO.less_than(magnitude).select(one, F32x4::ZERO), F32x4::ZERO);
        // Zeros keep their sign: they are no denormals.
        sane.select(small.select(samples * F32x4::ZERO, samples), F32x4::ZERO).to_array()
    };
    let (vectors, rest) = samples.as_chunks_mut::<LANES>();
    for lanes in vectors {
        *lanes = clean(*lanes);
    }
    for sample in rest {
        let [cleaned, ..] = clean([*sample, 0.0, 0.0, 0.0]);
        *sample = cleaned;
    }
    // Exact: a lane counts fewer than 2²⁴ samples of any quantum.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of samples")]
    let count = |lanes: F32x4| lanes.sum() as u32;
    Cleaned { not_finite: count(not_finite), denormal: count(denormal) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sound_becomes_zero_and_is_counted() {
        let mut samples = [0.5, f32::NAN, f32::INFINITY, -1e-40, 1e11, -0.0, 1e9, f32::MIN_POSITIVE, f32::NEG_INFINITY];
        let cleaned = clean(&mut samples);
        assert_eq!(cleaned, Cleaned { not_finite: 4, denormal: 1 });
        assert_eq!(samples, [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 1e9, f32::MIN_POSITIVE, 0.0]);
    }

    #[test]
    fn sound_keeps_every_bit() {
        let sound: [f32; 7] = [0.0, -0.0, 1.0, -0.3, f32::MIN_POSITIVE, -9.9e9, 1e-30];
        let mut samples = sound;
        assert_eq!(clean(&mut samples), Cleaned::default());
        assert_eq!(samples.map(f32::to_bits), sound.map(f32::to_bits));
    }
}
