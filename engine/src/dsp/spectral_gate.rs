//! A noise gate for each bin of a spectrum.

/// What a [`gate`] does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectralGate {
    /// Magnitude at which a bin is half open: its gain is 1/2 where the floor is 0.
    pub threshold: f32,
    /// Gain of a bin that is shut, linear.
    pub floor: f32,
    /// Share of the way to a higher gain that is gone each hop, above 0, at most 1.
    pub opening: f32,
    /// The same to a lower gain.
    pub shutting: f32,
}

/// Scales each bin of `spectrum`, interleaved real and imaginary parts, by a gain that opens where the bin is louder than the
/// threshold: `g = max(P² / (P² + T²), floor)` with the powers `P = |X|²` and `T = threshold²`, smoothed from hop to hop. That
/// is the shape of a Wiener filter's gain (Lim, Oppenheim 1979), steeper. `gains` has one number for each bin, zero at first.
/// A threshold of 0 opens all bins at once, and they keep every bit.
///
/// # Real-time
/// Any thread.
pub fn gate(
    spectrum: &mut [f32],
    gains: &mut [f32],
    SpectralGate { threshold, floor, opening, shutting }: SpectralGate,
) {
    if threshold <= 0.0 {
        gains.fill(1.0);
        return;
    }
    // Relative to the threshold, so that no power overflows or vanishes that matters.
    let scale = 1.0 / threshold;
    for (bin, gain) in spectrum.chunks_exact_mut(2).zip(gains) {
        let [re, im] = bin else { continue };
        let (a, b) = (*re * scale, *im * scale);
        // 80 dB above the threshold nothing changes any more.
        let power = (a * a + b * b).min(1e8);
        let open = power * power / (power * power + 1.0);
        let target = open.max(floor);
        let share = if target > *gain { opening } else { shutting };
        *gain += (target - *gain) * share;
        *re *= *gain;
        *im *= *gain;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: SpectralGate = SpectralGate { threshold: 0.1, floor: 0.01, opening: 1.0, shutting: 1.0 };

    #[test]
    fn loud_bins_pass_and_soft_ones_do_not() {
        let mut spectrum = [3.0, -4.0, 0.001, 0.0, 0.0, 0.1];
        gate(&mut spectrum, &mut [0.0; 3], GATE);
        assert!((spectrum[0] - 3.0).abs() < 1e-6 && (spectrum[1] + 4.0).abs() < 1e-6);
        assert!((spectrum[2] - 1e-5).abs() < 1e-9, "shut to the floor");
        assert!((spectrum[5] - 0.05).abs() < 1e-6, "half open at the threshold");
    }

    #[test]
    fn gains_go_their_share_of_the_way() {
        let mut gains = [0.0];
        let slow = SpectralGate { opening: 0.5, shutting: 0.25, ..GATE };
        let mut heard = [0.0; 4];
        for (hop, heard) in heard.iter_mut().enumerate() {
            let mut spectrum = [if hop < 2 { 1000.0 } else { 0.0 }, 0.0];
            gate(&mut spectrum, &mut gains, slow);
            *heard = gains[0];
        }
        assert_eq!(heard[..2], [0.5, 0.75]);
        assert!((heard[2] - (0.75 - 0.74 * 0.25)).abs() < 1e-6);
        assert!(heard[3] < heard[2]);
    }

    #[test]
    fn without_a_threshold_every_bit_passes() {
        let mut spectrum = [0.1, 1e-30];
        gate(&mut spectrum, &mut [0.3], SpectralGate { threshold: 0.0, ..GATE });
        assert_eq!(spectrum.map(f32::to_bits), [0.1f32, 1e-30].map(f32::to_bits));
    }
}
