//! The colours of a spectrogram: from dark blue over magenta and orange to light yellow.
//!
//! Equal steps of level are equal steps of lightness, and what differs in lightness differs for everyone: that red and green
//! look alike, or blue and green, or that the screen is grey, hides nothing.

use core::f64::consts::PI;

use crate::layout::COLORS;

/// The colours, from silence to the loudest, opaque.
#[must_use]
pub fn colors() -> [[f32; 4]; COLORS] {
    core::array::from_fn(|index| {
        let [red, green, blue] = color(index as f64 / (COLORS - 1) as f64).map(encoded);
        [red, green, blue, 1.0]
    })
}

/// A straight way in lightness and from blue to yellow, a bow through red: linear red, green and blue.
fn color(share: f64) -> [f64; 3] {
    let lightness = 0.12 + 0.84 * share;
    let red_not_green = 0.17 * (PI * share).sin() - 0.03 * share;
    let yellow_not_blue = -0.06 + 0.17 * share - 0.11 * (PI * share).sin() * (1.0 - share);
    oklab(lightness, red_not_green, yellow_not_blue)
}

/// Linear sRGB of a colour in Oklab (B. Ottosson, 2020).
fn oklab(lightness: f64, a: f64, b: f64) -> [f64; 3] {
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let middle = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short,
    ]
}

/// A linear component as sRGB has it.
#[expect(clippy::cast_possible_truncation, reason = "a component from 0 to 1")]
fn encoded(linear: f64) -> f32 {
    (if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the three kinds of dichromats see linear sRGB (Machado, Oliveira and Fernandes, 2009, severity 1), and nobody's
    /// deficiency first.
    const SEEN: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    /// CIE lightness, 0 to 100, of linear sRGB.
    fn lightness(rgb: [f64; 3]) -> f64 {
        let luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        if luminance > 0.008_856 { 116.0 * luminance.cbrt() - 16.0 } else { 903.3 * luminance }
    }

    #[test]
    fn every_colour_can_be_shown() {
        for step in 0..=100 {
            let color = color(f64::from(step) / 100.0);
            assert!(color.iter().all(|part| (0.0..=1.0).contains(part)), "{step} %: {color:?}");
        }
    }

    #[test]
    fn lightness_rises_evenly_for_every_kind_of_eye() {
        for (kind, matrix) in SEEN.iter().enumerate() {
            let seen = |step: usize| {
                let [red, green, blue] = color(step as f64 / (COLORS - 1) as f64);
                lightness(matrix.map(|row| row[0] * red + row[1] * green + row[2] * blue))
            };
            for step in 1..COLORS {
                let rise = seen(step) - seen(step - 1);
                assert!((5.0..20.0).contains(&rise), "kind {kind}, step {step}: {rise} of {:?}", seen(step));
            }
        }
    }

    #[test]
    fn white_and_black_are_themselves_in_oklab() {
        assert!(oklab(1.0, 0.0, 0.0).iter().all(|part| (part - 1.0).abs() < 1e-6));
        assert_eq!(oklab(0.0, 0.0, 0.0), [0.0; 3]);
        // The greens of the transfer function's two parts meet; mid grey is 50 % for 21.4 % of the light.
        assert!((encoded(0.003_130_8) - encoded(0.003_130_9)).abs() < 1e-5);
        assert!((encoded(0.214_041_1) - 0.5).abs() < 1e-5 && encoded(1.0) == 1.0);
    }
}
