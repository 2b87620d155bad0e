//! A line through the middles of columns of equal width, and the area below it.

use rusty_audio_render::layout::View;
use web_sys::CanvasRenderingContext2d;

use super::theme::Theme;

/// The outermost columns reach to the edges.
pub fn line(context: &CanvasRenderingContext2d, view: &View, theme: &Theme, smoothed: &[f32]) {
    let [width, height] = view.size_px;
    let step = width / smoothed.len() as f32;
    // What closes the area lies out of sight, as wide as the line is.
    let beyond = step + view.line_px;
    let below = height + 2.0 * view.line_px;
    let top = |power: f32| (height - view.height(power)).max(-height).min(2.0 * height);
    let [Some(&first), Some(&last)] = [smoothed.first(), smoothed.last()] else { return };
    context.begin_path();
    context.move_to((-beyond).into(), below.into());
    context.line_to((-beyond).into(), top(first).into());
    for (column, &power) in smoothed.iter().enumerate() {
        context.line_to(((column as f32 + 0.5) * step).into(), top(power).into());
    }
    context.line_to((width + beyond).into(), top(last).into());
    context.line_to((width + beyond).into(), below.into());
    if view.low[3] > 0.0 || view.high[3] > 0.0 {
        context.set_fill_style_canvas_gradient(&theme.gradient);
        context.fill();
    }
    context.set_stroke_style_str(&theme.line);
    context.set_line_width(view.line_px.into());
    context.set_line_join("round");
    context.stroke();
}
