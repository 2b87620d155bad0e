//! Gain: multiplies by a factor.

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::ConfigError;
use crate::dispatcher::Dispatcher;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Multiplies by a linear factor. A steady 1 leaves every bit as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gain;

const GAIN: usize = 0;

impl<'a> Effect<'a> for Gain {
    const NAME: &'static str = "gain";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "gain", unit: Unit::Linear, default: 1.0, minimum: 0.0, maximum: 8.0 }];

    fn new(_: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, _: &mut Dispatcher<'_>) {
        if parameters.rests_at(GAIN, 1.0) {
            return;
        }
        for plane in run.planes() {
            for (n, sample) in plane.iter_mut().enumerate() {
                *sample *= parameters.value(GAIN, n);
            }
        }
    }

    fn reset(&mut self) {}

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }
}
