//! Bars and the marks of held peaks.

use rusty_audio_render::layout::{Band, Peak, View};
use web_sys::CanvasRenderingContext2d;

use super::theme::Theme;

/// A bar for each band.
pub fn bars(context: &CanvasRenderingContext2d, view: &View, theme: &Theme, table: &[Band], smoothed: &[f32]) {
    let pane_height = view.size_px[1];
    context.begin_path();
    for (band, &power) in table.iter().zip(smoothed) {
        let height = view.height(power).min(pane_height);
        if height > 0.0 {
            add(context, view, band, pane_height - height, height);
        }
    }
    context.set_fill_style_canvas_gradient(&theme.gradient);
    context.fill();
}

/// A mark on each peak, which stays in sight above the upper edge.
pub fn marks(context: &CanvasRenderingContext2d, view: &View, theme: &Theme, table: &[Band], peaks: &[Peak]) {
    if view.peak_px == 0.0 {
        return;
    }
    let pane_height = view.size_px[1];
    context.begin_path();
    for (band, peak) in table.iter().zip(peaks) {
        let height = view.height(peak.power).min(pane_height - view.peak_px);
        if height > 0.0 {
            add(context, view, band, pane_height - height - view.peak_px, view.peak_px);
        }
    }
    context.set_fill_style_str(&theme.peak);
    context.fill();
}

/// As wide as a band, on whole pixels: all edges are sharp and all gaps alike.
fn add(context: &CanvasRenderingContext2d, view: &View, band: &Band, top: f32, height: f32) {
    let [left, right] = [band.left, band.right].map(|edge| (edge * view.size_px[0]).round_ties_even());
    let width = (right - view.gap_px - left).max(1.0);
    context.rect(left.into(), top.into(), width.into(), height.into());
}
