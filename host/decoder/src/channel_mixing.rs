//! Mixing any number of channels to stereo.
//!
//! The "speakers" rules of the Web Audio specification (section "Channel up-mixing and down-mixing"):
//!
//! | channels | left (right likewise) |
//! |---|---|
//! | mono | `M` |
//! | stereo | `L` |
//! | quad: `L R SL SR` | `0.5·(L + SL)` |
//! | 5.1: `L R C LFE SL SR` | `L + √½·(C + SL)` |
//!
//! The specification has no rule for other layouts, so the coefficients of 5.1 are generalised by
//! position: front left and right count 1, the centre and every side or back channel √½, a back centre
//! 0.5 on both sides, and the low-frequency channel is dropped.

use core::f32::consts::FRAC_1_SQRT_2;

use crate::StereoFrames;

/// The channels that one output channel sums, by coefficient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Coefficient 1.
    unit: Vec<usize>,
    /// Coefficient √½ (-3 dB).
    half_power: Vec<usize>,
    /// Coefficient 0.5 (-6 dB).
    half: Vec<usize>,
}

impl Sum {
    fn frame(&self, planes: &[Vec<f32>], frame: usize) -> f32 {
        let add = |channels: &[usize]| channels.iter().map(|&channel| planes[channel][frame]).reduce(|a, b| a + b);
        let mut sum = add(&self.unit).unwrap_or(0.0);
        if let Some(half_power) = add(&self.half_power) {
            sum += FRAC_1_SQRT_2 * half_power;
        }
        if let Some(half) = add(&self.half) {
            sum += 0.5 * half;
        }
        sum
    }
}

/// Mixes one layout of channels to stereo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelMixer {
    left: Sum,
    right: Sum,
}

/// Order of the channels when a file does not name them: that of WAVE files.
fn usual_positions(channels: usize) -> &'static [&'static str] {
    match channels {
        3 => &["FL", "FR", "FC"],
        4 => &["FL", "FR", "BL", "BR"],
        5 => &["FL", "FR", "FC", "BL", "BR"],
        6 => &["FL", "FR", "FC", "LFE", "BL", "BR"],
        7 => &["FL", "FR", "FC", "LFE", "BC", "SL", "SR"],
        _ => &["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"],
    }
}

impl ChannelMixer {
    /// A mixer for `channels` (at least 1) at `positions`, in the order of the file: `FL FR FC LFE BL BR SL SR BC`,
    /// and `FLC FRC` for the channels between front and centre. Without a position for each channel the order
    /// of WAVE files is taken; channels beyond the eighth are dropped then, as are channels at unknown positions.
    #[must_use]
    pub fn new(channels: usize, positions: &[String]) -> Self {
        let (mut left, mut right) = (Sum::default(), Sum::default());
        if channels <= 2 {
            left.unit.push(0);
            right.unit.push(channels.saturating_sub(1));
            return Self { left, right };
        }
        let named: Vec<&str> = if positions.len() == channels {
            positions.iter().map(String::as_str).collect()
        } else {
            usual_positions(channels).to_vec()
        };
        for (channel, position) in named.iter().enumerate().take(channels) {
            match *position {
                "FL" => left.unit.push(channel),
                "FR" => right.unit.push(channel),
                "BL" | "SL" | "FLC" => left.half_power.push(channel),
                "BR" | "SR" | "FRC" => right.half_power.push(channel),
                "FC" => {
                    left.half_power.push(channel);
                    right.half_power.push(channel);
                }
                "BC" => {
                    left.half.push(channel);
                    right.half.push(channel);
                }
                _ => {}
            }
        }
        let is_quad =
            channels == 4 && [&left, &right].iter().all(|sum| sum.unit.len() == 1 && sum.half_power.len() == 1);
        if is_quad && left.half_power != right.half_power {
            for sum in [&mut left, &mut right] {
                sum.half.append(&mut sum.unit);
                sum.half.append(&mut sum.half_power);
            }
        }
        Self { left, right }
    }

    /// Appends the mix of `planes` to `stereo`; each plane has the same length.
    pub fn mix(&self, planes: &[Vec<f32>], stereo: &mut StereoFrames) {
        if let ([left], [right]) = (self.left.unit.as_slice(), self.right.unit.as_slice())
            && self.left.half_power.is_empty()
            && self.right.half_power.is_empty()
            && self.left.half.is_empty()
            && self.right.half.is_empty()
        {
            stereo.extend(&planes[*left], &planes[*right]);
            return;
        }
        for frame in 0..planes[0].len() {
            stereo.push(self.left.frame(planes, frame), self.right.frame(planes, frame));
        }
    }
}
