//! Oscilloscope and goniometer.

use core::f32::consts::PI;

use rusty_audio_render::layout::Scope;
use web_sys::CanvasRenderingContext2d;

use super::theme::Theme;

/// Frames of a goniometer that are equally faded.
const FADE_STEP: usize = 32;

/// The samples of one channel as a line: 1 at the upper edge, −1 at the lower one. Where a pixel has several frames, it has the
/// least and the greatest of them.
pub fn oscilloscope(context: &CanvasRenderingContext2d, scope: &Scope, theme: &Theme, samples: &[f32]) {
    let [width, height] = scope.size_px;
    let top = |sample: f32| f64::from(0.5 * height * (1.0 - scope.gain * sample));
    let stride = whole(scope.shown / width).max(1);
    let first = whole(scope.start) / stride * stride;
    let Some(newest) = samples.len().checked_sub(1) else { return };
    context.begin_path();
    let (mut least, mut greatest) = (f32::INFINITY, f32::NEG_INFINITY);
    for frame in first..first + whole(scope.shown) + 2 * stride {
        // The newest sample reaches as far as one looks.
        let sample = samples[frame.min(newest)];
        (least, greatest) = (least.min(sample), greatest.max(sample));
        if frame % stride == stride - 1 {
            let x = f64::from((frame as f32 - scope.start) / scope.shown * width);
            context.line_to(x, top(least));
            if least < greatest {
                context.line_to(x, top(greatest));
            }
            (least, greatest) = (f32::INFINITY, f32::NEG_INFINITY);
        }
    }
    context.set_stroke_style_str(&theme.line);
    context.set_line_width(scope.line_px.into());
    context.set_line_join("round");
    context.stroke();
}

/// Left against right, turned by 45 degrees: a dot for each frame, which fades with its age.
pub fn goniometer(context: &CanvasRenderingContext2d, scope: &Scope, theme: &Theme, samples: &[f32]) {
    let [width, height] = scope.size_px;
    let radius = 0.5 * width.min(height);
    // A square covers as much as the shader's round dot, the edge of which is a pixel wide.
    let side = (PI * (scope.dot_px * scope.dot_px / 4.0 + 1.0 / 12.0)).sqrt();
    let (left, right) = samples.split_at(samples.len() / 2);
    context.set_fill_style_str(&theme.line);
    for (frame, (left, right)) in left.iter().zip(right).enumerate() {
        if frame % FADE_STEP == 0 {
            let freshness = (frame + FADE_STEP / 2) as f64 / (samples.len() / 2) as f64;
            context.set_global_alpha(freshness.min(1.0));
        }
        let x = 0.5 * (width + radius * scope.gain * (right - left) - side);
        let y = 0.5 * (height - radius * scope.gain * (left + right) - side);
        context.fill_rect(x.into(), y.into(), side.into(), side.into());
    }
    context.set_global_alpha(1.0);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of frames; none if it is negative"
)]
fn whole(frames: f32) -> usize {
    frames as usize
}
