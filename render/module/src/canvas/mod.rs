//! The same pictures with Canvas 2D.

mod bars;
mod line;
mod theme;
mod waterfall;
mod waveform;

use rusty_audio_render::layout::{Frame, View};
use rusty_audio_render::plan::Plan;
use rusty_audio_render::settings::Kind;
use rusty_audio_render::twins::Twins;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use theme::Theme;
use waterfall::Waterfall;

/// A picture that the CPU draws on a canvas.
pub struct Canvas {
    /// What is drawn.
    pub twins: Twins,
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    view: View,
    theme: Option<Theme>,
    waterfall: Option<Waterfall>,
    /// Of both planes.
    samples: Vec<f32>,
}

impl Canvas {
    /// Takes the canvas; none if it has another context.
    pub fn new(element: HtmlCanvasElement) -> Option<Self> {
        let context = context(&element)?;
        Some(Self {
            twins: Twins::default(),
            element,
            context,
            view: View::default(),
            theme: None,
            waterfall: None,
            samples: Vec::new(),
        })
    }

    /// Shows what is planned from now on.
    pub fn configure(&mut self, plan: &Plan) {
        let [width, height] = plan.settings.size_px;
        if [self.element.width(), self.element.height()] != [width, height] {
            self.element.set_width(width);
            self.element.set_height(height);
        }
        self.view = plan.view();
        self.theme = Some(Theme::new(&self.context, &plan.settings.colors, plan.pane_px[1]));
        self.twins.configure(plan);
        let waterfall = self.waterfall.take();
        if plan.settings.kind == Kind::Spectrogram && plan.is_visible() {
            self.waterfall = Waterfall::configured(waterfall, &self.element, plan, &self.view, self.twins.levels());
        }
    }

    /// The place for so many newest frames, `[plane][frame]`.
    pub fn samples_mut(&mut self, frames: u32) -> &mut [f32] {
        self.samples.resize(2 * frames as usize, 0.0);
        &mut self.samples
    }

    /// Draws a frame.
    pub fn draw(&mut self, plan: &Plan, frame: &Frame) -> bool {
        let Some(theme) = &self.theme else { return false };
        if plan.settings.kind.is_spectrum() {
            self.twins.run(plan, frame);
        }
        if let Some(waterfall) = &mut self.waterfall {
            waterfall.paint_newest(frame, self.twins.levels());
        }
        let [width, height] = plan.settings.size_px.map(f64::from);
        self.context.clear_rect(0.0, 0.0, width, height);
        let scope = plan.scope(&self.samples);
        if plan.settings.kind == Kind::Goniometer {
            waveform::goniometer(&self.context, &scope, theme, &self.samples);
            return true;
        }
        let bands = plan.table.len();
        let [pane_width, pane_height] = plan.pane_px.map(f64::from);
        for channel in 0..plan.channels() as usize {
            self.context.save();
            // Nothing but infinities is refused.
            let _ = self.context.translate(0.0, channel as f64 * pane_height);
            self.context.begin_path();
            self.context.rect(0.0, 0.0, pane_width, pane_height);
            self.context.clip();
            let values = channel * bands..(channel + 1) * bands;
            match plan.settings.kind {
                Kind::Bars => {
                    let smoothed = &self.twins.smoothed()[values.clone()];
                    bars::bars(&self.context, &self.view, theme, &plan.table, smoothed);
                    bars::marks(&self.context, &self.view, theme, &plan.table, &self.twins.peaks()[values]);
                }
                Kind::Line | Kind::Area => {
                    line::line(&self.context, &self.view, theme, &self.twins.smoothed()[values]);
                }
                Kind::Spectrogram => {
                    if let Some(waterfall) = &self.waterfall {
                        waterfall.draw(&self.context, frame, channel);
                    }
                }
                Kind::Oscilloscope | Kind::Goniometer => {
                    let frames = self.samples.len() / 2;
                    let samples = &self.samples[channel * frames..(channel + 1) * frames];
                    waveform::oscilloscope(&self.context, &scope, theme, samples);
                }
            }
            self.context.restore();
        }
        true
    }
}

/// A canvas' 2D context; none if it has another one.
fn context(element: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    element.get_context("2d").ok()??.dyn_into().ok()
}
