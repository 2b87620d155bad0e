//! Freezing a spectrum: its magnitudes stay, its phases go on turning as they did.

use libm::sqrtf;

/// Numbers of the state for a spectrum of `bins` bins.
#[must_use]
pub const fn state_samples(bins: usize) -> usize {
    // Whether it is frozen. Per bin: the last spectrum and the one before; what sounds of the frozen one, and how far it turns
    // from hop to hop.
    1 + 8 * bins
}

/// Mixes a spectrum with a frozen one. `spectrum` are interleaved real and imaginary parts, one hop after the spectrum of
/// the last call; `state` has [`state_samples`] numbers, zero at first. Where `amount` is 0 the spectrum passes, with every
/// bit, and is remembered; above it the one that came last with an amount of 0 sounds on, at this amount beside the rest of
/// what comes in.
///
/// Each bin turns from hop to hop as it last turned: that of a phase vocoder without stretching (Flanagan, Golden 1966;
/// Dolson 1986), with a unit complex factor in the place of the phase.
///
/// # Real-time
/// Any thread. The first call with an amount above 0 takes the longest: it has a root for each bin.
pub fn freeze(spectrum: &mut [f32], state: &mut [f32], amount: f32) {
    let Some((is_frozen, states)) = state.split_first_mut() else { return };
    let begins = amount > 0.0 && *is_frozen <= 0.0;
    *is_frozen = if amount > 0.0 { 1.0 } else { 0.0 };
    let (bins, _) = spectrum.as_chunks_mut::<2>();
    let (states, _) = states.as_chunks_mut::<8>();
    for ([bin_re, bin_im], state) in bins.iter_mut().zip(states) {
        let (re, im) = (*bin_re, *bin_im);
        let [last_re, last_im, before_re, before_im, mut held_re, mut held_im, mut turn_re, mut turn_im] = *state;
        if begins {
            (held_re, held_im) = (last_re, last_im);
            (turn_re, turn_im) = turn((last_re, last_im), (before_re, before_im));
        }
        if amount > 0.0 {
            (held_re, held_im) = (held_re * turn_re - held_im * turn_im, held_re * turn_im + held_im * turn_re);
            *bin_re += (held_re - re) * amount;
            *bin_im += (held_im - im) * amount;
        }
        *state = [re, im, last_re, last_im, held_re, held_im, turn_re, turn_im];
    }
}

/// One number over another, at length 1.
fn turn((re, im): (f32, f32), (before_re, before_im): (f32, f32)) -> (f32, f32) {
    let (a, b) = (re * before_re + im * before_im, im * before_re - re * before_im);
    let length = sqrtf(a * a + b * b);
    if length > f32::MIN_POSITIVE { (a / length, b / length) } else { (1.0, 0.0) }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;

    #[test]
    fn without_freezing_every_bit_passes() {
        let mut state = vec![0.0; state_samples(3)];
        for hop in 0..5u32 {
            let came = [0.1, -0.2, 1.0, hop as f32, -3.0, 1e-30];
            let mut spectrum = came;
            freeze(&mut spectrum, &mut state, 0.0);
            assert_eq!(spectrum.map(f32::to_bits), came.map(f32::to_bits));
        }
    }

    #[test]
    fn a_tone_goes_on_as_it_was() {
        // A bin that turns by 0.3 rad each hop.
        let tone = |hop: u32| [2.0 * libm::cosf(0.3 * hop as f32), 2.0 * libm::sinf(0.3 * hop as f32)];
        let mut state = vec![0.0; state_samples(1)];
        for hop in 0..10 {
            freeze(&mut tone(hop), &mut state, 0.0);
        }
        for hop in 10..200 {
            let mut spectrum = [0.0, 0.0];
            freeze(&mut spectrum, &mut state, 1.0);
            let expected = tone(hop);
            assert!((spectrum[0] - expected[0]).abs() < 1e-3 && (spectrum[1] - expected[1]).abs() < 1e-3, "hop {hop}");
        }
    }

    #[test]
    fn half_frozen_is_half_of_both() {
        let mut state = vec![0.0; state_samples(1)];
        freeze(&mut [1.0, 0.0], &mut state, 0.0);
        freeze(&mut [1.0, 0.0], &mut state, 0.0);
        let mut spectrum = [0.0, 4.0];
        freeze(&mut spectrum, &mut state, 0.5);
        assert_eq!(spectrum, [0.5, 2.0]);
    }
}
