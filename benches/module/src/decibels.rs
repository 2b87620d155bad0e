//! Smoothing over time and decibels, as an analyser has them: the same loop behind every transform that is compared.

use rusty_audio_engine::dsp::simd::F32x4;

/// How much of the past is kept.
const SMOOTHING: f32 = 0.8;

/// 10·log10(2) for each step of the exponent, which begins at the 23rd bit and has 127 for 0.
const PER_BIT: f32 = 3.588_556e-7;
const ZERO: f32 = -127.0 * 3.010_299_9;

/// The rest over the mantissa from 1 to 2, within 0.0006 dB.
const POLYNOMIAL: [f32; 5] = [-4.5104924, 9.1188349, -6.2564123, 1.8845447, -0.2361300];

/// Smooths `power` into `smoothed` and gives the decibels of that: bins in natural order, one more than a multiple of 4.
pub fn smooth(power: &[f32], smoothed: &mut [f32], decibels: &mut [f32]) {
    let blocks = power.as_chunks().0.iter().zip(smoothed.as_chunks_mut().0).zip(decibels.as_chunks_mut().0);
    for ((power, smoothed), decibels) in blocks {
        smooth_four(F32x4::read(power), smoothed, decibels);
    }
    if let ([.., power], [.., smoothed], [.., decibels]) = (power, smoothed, decibels) {
        smooth_one(*power, smoothed, decibels);
    }
}

/// The same for four bins.
#[inline(always)]
pub fn smooth_four(power: F32x4, smoothed: &mut [f32; 4], decibels: &mut [f32; 4]) {
    let power = F32x4::read(smoothed) * SMOOTHING + power * (1.0 - SMOOTHING);
    power.write(smoothed);
    in_decibels(power).write(decibels);
}

/// The same for one bin.
#[inline(always)]
pub fn smooth_one(power: f32, smoothed: &mut f32, decibels: &mut f32) {
    let mut lanes = [[*smoothed; 4], [0.0; 4]];
    let [smoothed_lanes, decibel_lanes] = &mut lanes;
    smooth_four(F32x4::splat(power), smoothed_lanes, decibel_lanes);
    ([*smoothed, ..], [*decibels, ..]) = (*smoothed_lanes, *decibel_lanes);
}

/// `10 · log10` of each lane.
#[inline(always)]
fn in_decibels(power: F32x4) -> F32x4 {
    let bits = power.to_array().map(f32::to_bits);
    let mantissa = F32x4::new(bits.map(|bits| f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000)));
    #[expect(clippy::cast_precision_loss, reason = "what is lost is far below the error of the polynomial")]
    let exponent = F32x4::new(bits.map(|bits| bits.cast_signed() as f32));
    let [c0, c1, c2, c3, c4] = POLYNOMIAL.map(F32x4::splat);
    let rest = (((c4 * mantissa + c3) * mantissa + c2) * mantissa + c1) * mantissa + c0;
    exponent * PER_BIT + F32x4::splat(ZERO) + rest
}
