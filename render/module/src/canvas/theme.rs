//! Colours as Canvas 2D wants them.

use rusty_audio_render::settings::Colors;
use web_sys::{CanvasGradient, CanvasRenderingContext2d};

/// Styles to fill and to stroke with.
pub struct Theme {
    /// Of bars and area, from the lower edge of a pane to the upper one.
    pub gradient: CanvasGradient,
    /// Of held peaks.
    pub peak: String,
    /// Of the line, the waveform and the dots.
    pub line: String,
}

impl Theme {
    /// For panes of a height.
    pub fn new(context: &CanvasRenderingContext2d, colors: &Colors, pane_height_px: u32) -> Self {
        let gradient = context.create_linear_gradient(0.0, f64::from(pane_height_px), 0.0, 0.0);
        for (place, color) in [(0.0, colors.low), (1.0, colors.high)] {
            // Nothing but places beyond the ends is refused.
            let _ = gradient.add_color_stop(place, &css(color));
        }
        Self { gradient, peak: css(colors.peak), line: css(colors.line) }
    }
}

fn css(color: [f32; 4]) -> String {
    let [red, green, blue, alpha] = color.map(byte);
    format!("#{red:02x}{green:02x}{blue:02x}{alpha:02x}")
}

/// A part from 0 to 1 as one of 255 steps.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
pub fn byte(part: f32) -> u8 {
    (255.0 * part + 0.5) as u8
}
