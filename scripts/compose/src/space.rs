//! Echo and reverberation.

use crate::SAMPLE_RATE;
use crate::stereo::{Stereo, frame_at};

/// Echoes that alternate between the sides, `time_s` apart, each `feedback` times the one before and duller.
pub fn ping_pong(dry: &Stereo, time_s: f64, feedback: f64) -> Stereo {
    let delay = frame_at(time_s);
    let mut wet = Stereo::silent();
    let (mut left_tone, mut right_tone) = (0.0, 0.0);
    for frame in delay..dry.left.len() {
        let input = 0.5 * (dry.left[frame - delay] + dry.right[frame - delay]);
        left_tone += 0.4 * (input + feedback * wet.right[frame - delay] - left_tone);
        right_tone += 0.4 * (feedback * wet.left[frame - delay] - right_tone);
        wet.left[frame] = left_tone;
        wet.right[frame] = right_tone;
    }
    wet
}

/// Lengths of the delay lines in frames: primes, so that their echoes do not fall together.
const LINES: [usize; 8] = [1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797];

/// A feedback delay network: eight lines mixed by a Householder reflection, `decay_s` to fall by 60 dB.
/// Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991.
pub fn reverberate(dry: &Stereo, decay_s: f64) -> Stereo {
    let mut wet = Stereo::silent();
    let mut lines = LINES.map(|length| vec![0.0; length]);
    let mut tones = [0.0; 8];
    // A line of n frames is passed rate / n times a second and must lose 60 dB in decay_s.
    let gains = LINES.map(|length| libm::pow(10.0, -3.0 * length as f64 / (f64::from(SAMPLE_RATE) * decay_s)));
    for frame in 0..dry.left.len() {
        let mut outputs = [0.0; 8];
        for (output, line) in outputs.iter_mut().zip(&lines) {
            *output = line[frame % line.len()];
        }
        let reflected = 0.25 * outputs.iter().sum::<f64>();
        for (index, line) in lines.iter_mut().enumerate() {
            let input = if index % 2 == 0 { dry.left[frame] } else { dry.right[frame] };
            let returned = gains[index] * (outputs[index] - reflected);
            // Air swallows the treble first.
            tones[index] += 0.55 * (returned - tones[index]);
            let place = frame % line.len();
            line[place] = input + tones[index];
        }
        wet.left[frame] = 0.35 * (outputs[0] - outputs[2] + outputs[4] - outputs[6]);
        wet.right[frame] = 0.35 * (outputs[1] - outputs[3] + outputs[5] - outputs[7]);
    }
    wet
}
