//! The spectrogram. A second canvas keeps every column where it was written; the newest is shown at the right edge.

use rusty_audio_render::layout::{FLOOR_DB, Frame, View};
use rusty_audio_render::plan::Plan;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::theme::byte;

/// What has been painted.
pub struct Waterfall {
    history: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// What it was painted for.
    view: View,
    columns: usize,
    bands: usize,
    /// A column: `[row][part]`, all channels one above the other, the highest band of each on top.
    pixels: Vec<u8>,
}

impl Waterfall {
    /// The same one if it has been painted for the same view, else another one, with what `levels` has.
    pub fn configured(
        waterfall: Option<Self>,
        canvas: &HtmlCanvasElement,
        plan: &Plan,
        view: &View,
        levels: &[f32],
    ) -> Option<Self> {
        let rows = plan.channels() * plan.bands();
        let mut waterfall = match waterfall {
            Some(waterfall) if waterfall.history.height() == rows && waterfall.history.width() == plan.columns => {
                waterfall
            }
            _ => {
                let history: HtmlCanvasElement = canvas.clone_node().ok()?.dyn_into().ok()?;
                history.set_width(plan.columns);
                history.set_height(rows);
                Self {
                    context: super::context(&history)?,
                    history,
                    view: View::default(),
                    columns: plan.columns as usize,
                    bands: plan.bands() as usize,
                    pixels: vec![0; 4 * rows as usize],
                }
            }
        };
        if waterfall.view != *view {
            waterfall.view = *view;
            for column in 0..waterfall.columns {
                waterfall.paint(column, 1, levels);
            }
        }
        Some(waterfall)
    }

    /// Paints the columns that a frame has written.
    pub fn paint_newest(&mut self, frame: &Frame, levels: &[f32]) {
        self.paint(frame.column as usize, frame.columns as usize, levels);
    }

    /// Paints some columns alike, as the first of them is; they continue at column 0.
    fn paint(&mut self, first: usize, columns: usize, levels: &[f32]) {
        let rows = levels.chunks_exact(self.columns).enumerate();
        for (index, row) in rows {
            let [channel, band] = [index / self.bands, index % self.bands];
            let place = 4 * ((channel + 1) * self.bands - 1 - band);
            let color = self.view.color(row[first] + FLOOR_DB);
            self.pixels[place..place + 4].copy_from_slice(&color.map(byte));
        }
        let Ok(image) = ImageData::new_with_u8_clamped_array(Clamped(&self.pixels), 1) else { return };
        for column in first..first + columns {
            // Nothing but a detached image is refused.
            let _ = self.context.put_image_data(&image, (column % self.columns) as f64, 0.0);
        }
    }

    /// Draws the pane of a channel: the column behind the newest one is the oldest.
    pub fn draw(&self, context: &CanvasRenderingContext2d, frame: &Frame, channel: usize) {
        let oldest = (frame.column + frame.columns) as usize % self.columns;
        let [width, height] = self.view.size_px.map(f64::from);
        let column_px = width / self.columns as f64;
        context.set_image_smoothing_enabled(false);
        for (from, to, left) in [(oldest, self.columns, 0), (0, oldest, self.columns - oldest)] {
            if from < to {
                // Nothing but an empty canvas is refused.
                let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    &self.history,
                    from as f64,
                    (channel * self.bands) as f64,
                    (to - from) as f64,
                    self.bands as f64,
                    left as f64 * column_px,
                    0.0,
                    (to - from) as f64 * column_px,
                    height,
                );
            }
        }
    }
}
