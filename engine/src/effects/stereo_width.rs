//! Width and balance of a stereo signal.
//!
//! Width scales the side signal `S = (L − R)/2` and leaves the mid signal `M = (L + R)/2`: `L' = M + width·S`,
//! `R' = M − width·S`. Balance then takes level from one channel: `L'' = L'·min(1, 1 − balance)`,
//! `R'' = R'·min(1, 1 + balance)`.

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::ConfigError;
use crate::dispatcher::Dispatcher;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Scales the difference of the channels, from mono (0) over what came in (1) to twice as wide (2), and balances them. At
/// rest at the defaults it leaves every bit as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct StereoWidth;

const WIDTH: usize = 0;
const BALANCE: usize = 1;

impl<'a> Effect<'a> for StereoWidth {
    const NAME: &'static str = "stereoWidth";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "width", unit: Unit::Linear, default: 1.0, minimum: 0.0, maximum: 2.0 },
        // -1: only left is heard, 1: only right.
        Parameter { name: "balance", unit: Unit::Linear, default: 0.0, minimum: -1.0, maximum: 1.0 },
    ];

    fn new(_: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        if parameters.rests_at(WIDTH, 1.0) && parameters.rests_at(BALANCE, 0.0) {
            return;
        }
        let at = |n| Image::new(parameters.value(WIDTH, n), parameters.value(BALANCE, n));
        if parameters.are_steady() {
            let image = at(0);
            place(run, |_| image);
        } else {
            place(run, at);
        }
    }

    fn reset(&mut self) {}

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }
}

/// What is done to a frame.
#[derive(Clone, Copy)]
struct Image {
    /// Half of what the width takes from or adds to the side signal.
    excess: f32,
    left_gain: f32,
    right_gain: f32,
}

impl Image {
    fn new(width: f32, balance: f32) -> Self {
        Self { excess: (width - 1.0) * 0.5, left_gain: (1.0 - balance).min(1.0), right_gain: (1.0 + balance).min(1.0) }
    }
}

#[inline(always)]
fn place(run: &mut Quantum<'_>, image: impl Fn(usize) -> Image) {
    let [left, right] = run.planes();
    for (n, (left, right)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
        let Image { excess, left_gain, right_gain } = image(n);
        let side = (*left - *right) * excess;
        *left = (*left + side) * left_gain;
        *right = (*right - side) * right_gain;
    }
}
