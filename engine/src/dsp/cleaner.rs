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
    let mut cleaned = Cleaned::default();
    if !is_clean(samples) {
        samples.iter_mut().for_each(|sample| clean_sample(sample, &mut cleaned));
    }
    cleaned
}

/// Nearly always, and so four samples at a time.
fn is_clean(samples: &[f32]) -> bool {
    let (limit, least) = (F32x4::splat(MAGNITUDE_LIMIT), F32x4::splat(f32::MIN_POSITIVE));
    let is_sound = |lanes: &[f32; LANES]| {
        let magnitude = F32x4::new(*lanes).abs();
        // Comparisons with NaN do not hold.
        let normal = least.less_than_or_equal(magnitude).and(magnitude.less_than(limit));
        normal.or(magnitude.less_than_or_equal(F32x4::ZERO))
    };
    let (vectors, rest) = samples.as_chunks::<LANES>();
    let all = vectors.iter().fold(is_sound(&[0.0; LANES]), |all, lanes| all.and(is_sound(lanes)));
    let mut last = [0.0; LANES];
    last.iter_mut().zip(rest).for_each(|(lane, sample)| *lane = *sample);
    all.and(is_sound(&last)).all()
}

fn clean_sample(sample: &mut f32, cleaned: &mut Cleaned) {
    let magnitude = sample.abs();
    if magnitude >= MAGNITUDE_LIMIT || magnitude.is_nan() {
        *sample = 0.0;
        cleaned.not_finite += 1;
    } else if magnitude < f32::MIN_POSITIVE && magnitude > 0.0 {
        *sample = 0.0;
        cleaned.denormal += 1;
    }
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
