//! Decibels and linear values: `dB = 20·log10(amplitude) = 10·log10(power)`.
//!
//! One at a time through `libm`, right to the last digits; four at a time by a short series whose largest error is stated
//! and tested.

use super::narrow;
use super::simd::F32x4;
use core::f32::consts::{LN_2, LOG2_10, LOG10_2};

/// Decibels of a linear amplitude; −∞ of 0.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn amplitude_to_db(amplitude: f32) -> f32 {
    20.0 * libm::log10f(amplitude)
}

/// Decibels of a power, that is of a mean square; −∞ of 0.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn power_to_db(power: f32) -> f32 {
    10.0 * libm::log10f(power)
}

/// Linear amplitude of `db` decibels.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn db_to_amplitude(db: f32) -> f32 {
    narrow(libm::exp2(f64::from(db) * (core::f64::consts::LOG2_10 / 20.0)))
}

/// Power of `db` decibels.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn db_to_power(db: f32) -> f32 {
    narrow(libm::exp2(f64::from(db) * (core::f64::consts::LOG2_10 / 10.0)))
}

/// Logarithm to the base 2 of four numbers: `log2(2^e·m) = e + 2/ln 2·artanh((m − 1)/(m + 1))`, the series up to its
/// seventh power. The largest error is 5e-6, all of it from rounding the sum, and 2e-7 between ½ and 2; of 1 it is
/// exactly 0. What is less than 2^−126, negative or not a number counts as 2^−126.
///
/// # Real-time
/// Any thread.
#[inline(always)]
#[must_use]
pub fn log2(x: F32x4) -> F32x4 {
    const TWICE_LOG2_E: f32 = 2.0 / LN_2;
    let one = F32x4::splat(1.0);
    let x = F32x4::splat(f32::MIN_POSITIVE).max(x);
    let (mantissa, exponent) = (x.mantissa(), x.exponent());
    // The mantissa into [√½, √2], where the series is short.
    let is_high = F32x4::splat(core::f32::consts::SQRT_2).less_than(mantissa);
    let mantissa = is_high.select(mantissa * 0.5, mantissa);
    let exponent = is_high.select(exponent + one, exponent);
    let t = (mantissa - one) / (mantissa + one);
    let square = t * t;
    let mut series = square * (TWICE_LOG2_E / 7.0) + F32x4::splat(TWICE_LOG2_E / 5.0);
    series = series * square + F32x4::splat(TWICE_LOG2_E / 3.0);
    series = series * square + F32x4::splat(TWICE_LOG2_E);
    exponent + series * t
}

/// Two to the power of four numbers: `2^(n + f) = 2^n·e^(f·ln 2)`, the series up to its sixth power. The largest
/// relative error is 3e-7; of whole numbers it is exact. Clamped to 2^±126.
///
/// # Real-time
/// Any thread.
#[inline(always)]
#[must_use]
pub fn exp2(x: F32x4) -> F32x4 {
    let x = F32x4::splat(-126.0).max(F32x4::splat(126.0).min(x));
    let whole = x.nearest();
    let t = (x - whole) * LN_2;
    let mut series = t * (1.0 / 720.0) + F32x4::splat(1.0 / 120.0);
    series = series * t + F32x4::splat(1.0 / 24.0);
    series = series * t + F32x4::splat(1.0 / 6.0);
    series = series * t + F32x4::splat(0.5);
    series = series * t + F32x4::splat(1.0);
    series = series * t + F32x4::splat(1.0);
    series * whole.power_of_two()
}

/// Decibels of four amplitudes, within 3e-5 dB from −190 to 190 dB and 1.1e-4 dB beyond; −758.6 of 0.
///
/// # Real-time
/// Any thread.
#[inline(always)]
#[must_use]
pub fn amplitudes_to_db(amplitudes: F32x4) -> F32x4 {
    log2(amplitudes) * (20.0 * LOG10_2)
}

/// Decibels of four powers, within 1.5e-5 dB from −95 to 95 dB and 5.5e-5 dB beyond; −379.3 of 0.
///
/// # Real-time
/// Any thread.
#[inline(always)]
#[must_use]
pub fn powers_to_db(powers: F32x4) -> F32x4 {
    log2(powers) * (10.0 * LOG10_2)
}

/// Amplitudes of four levels in decibels, within 6e-5 dB.
///
/// # Real-time
/// Any thread.
#[inline(always)]
#[must_use]
pub fn dbs_to_amplitude(db: F32x4) -> F32x4 {
    exp2(db * (LOG2_10 / 20.0))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    fn error_db(linear: f32, exact: f64) -> f64 {
        (20.0 * (f64::from(linear) / exact).log10()).abs()
    }

    #[test]
    fn scalar_forms_are_the_formula() {
        for step in -2000..=2000i16 {
            let db = f32::from(step) / 10.0;
            let (amplitude, power) = (10f64.powf(f64::from(db) / 20.0), 10f64.powf(f64::from(db) / 10.0));
            assert!((f64::from(db_to_amplitude(db)) / amplitude - 1.0).abs() < 6e-8);
            assert!((f64::from(db_to_power(db)) / power - 1.0).abs() < 6e-8);
            assert!((amplitude_to_db(narrow(amplitude)) - db).abs() < 2e-5, "{db}");
            assert!((power_to_db(narrow(power)) - db).abs() < 2e-5, "{db}");
        }
        assert_eq!((amplitude_to_db(1.0), db_to_amplitude(0.0)), (0.0, 1.0));
        assert_eq!(amplitude_to_db(0.0), f32::NEG_INFINITY);
    }

    #[test]
    fn logarithms_keep_their_stated_error() {
        let mut near_one = 0f64;
        let mut worst = 0f64;
        let (mut near_db, mut worst_db) = (0f64, 0f64);
        // Every 997th positive normal number.
        for bits in (f32::MIN_POSITIVE.to_bits()..f32::MAX.to_bits()).step_by(997) {
            let x = f32::from_bits(bits);
            let error = (f64::from(log2(F32x4::splat(x)).to_array()[0]) - f64::from(x).log2()).abs();
            worst = worst.max(error);
            if (0.5..=2.0).contains(&x) {
                near_one = near_one.max(error);
            }
            let db = f64::from(amplitudes_to_db(F32x4::splat(x)).to_array()[0]);
            let error = (db - 20.0 * f64::from(x).log10()).abs();
            worst_db = worst_db.max(error);
            if db.abs() < 190.0 {
                near_db = near_db.max(error);
            }
        }
        assert!(worst < 5e-6 && near_one < 2e-7, "{worst} {near_one}");
        assert!(near_db < 3e-5 && worst_db < 1.1e-4, "{near_db} {worst_db}");
    }

    #[test]
    fn powers_keep_their_stated_error() {
        let (mut worst, mut worst_db) = (0f64, 0f64);
        for step in -1_260_000..=1_260_000i32 {
            let x = step as f32 / 10_000.0;
            let power = exp2(F32x4::splat(x)).to_array()[0];
            worst = worst.max((f64::from(power) / f64::from(x).exp2() - 1.0).abs());
            let linear = dbs_to_amplitude(F32x4::splat(x)).to_array()[0];
            worst_db = worst_db.max(error_db(linear, 10f64.powf(f64::from(x) / 20.0)));
        }
        assert!(worst < 3e-7 && worst_db < 6e-5, "{worst} {worst_db}");
    }

    #[test]
    fn lanes_are_apart_and_bad_numbers_stay_bounded() {
        let logarithms = log2(F32x4::new([0.0, -1.0, f32::NAN, 8.0])).to_array();
        assert_eq!(logarithms, [-126.0, -126.0, -126.0, 3.0]);
        let powers = exp2(F32x4::new([-1e9, 1e9, 0.0, -3.0])).to_array();
        assert_eq!(powers, [2f32.powi(-126), 2f32.powi(126), 1.0, 0.125]);
        assert!((powers_to_db(F32x4::splat(0.5)).to_array()[3] + 3.010_3).abs() < 1e-5);
    }
}
