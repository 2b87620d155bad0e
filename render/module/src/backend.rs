//! Who draws.

use rusty_audio_render::layout::Frame;
use rusty_audio_render::plan::Plan;

use crate::canvas::Canvas;
use crate::web_gpu::WebGpu;

/// Either of the two.
pub enum Backend {
    /// Compute and draw passes.
    WebGpu(Box<WebGpu>),
    /// The CPU twins, and Canvas 2D.
    Canvas(Box<Canvas>),
}

impl Backend {
    /// Shows what is planned from now on.
    pub fn configure(&mut self, plan: &Plan) {
        match self {
            Self::WebGpu(gpu) => gpu.configure(plan),
            Self::Canvas(canvas) => canvas.configure(plan),
        }
    }

    /// The newest spectrum, `[channel][bin]`, of as many channels as are shown.
    pub fn powers(&self) -> &[f32] {
        match self {
            Self::WebGpu(gpu) => gpu.scene.powers(),
            Self::Canvas(canvas) => canvas.twins.powers(),
        }
    }

    /// The place for the newest spectrum.
    pub fn powers_mut(&mut self) -> &mut [f32] {
        match self {
            Self::WebGpu(gpu) => gpu.scene.powers_mut(),
            Self::Canvas(canvas) => canvas.twins.powers_mut(),
        }
    }

    /// The place for so many newest frames, `[plane][frame]`.
    pub fn samples_mut(&mut self, frames: u32) -> &mut [f32] {
        match self {
            Self::WebGpu(gpu) => gpu.scene.samples_mut(frames),
            Self::Canvas(canvas) => canvas.samples_mut(frames),
        }
    }

    /// Draws a frame. Whether it was drawn; else it is skipped.
    pub fn draw(&mut self, plan: &Plan, frame: Frame) -> bool {
        match self {
            Self::WebGpu(gpu) => gpu.draw(plan, frame),
            Self::Canvas(canvas) => canvas.draw(plan, &frame),
        }
    }
}
