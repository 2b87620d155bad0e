//! The class that the page sees.

use js_sys::{Float32Array, Float64Array, Object, Reflect};
use rusty_audio_render::columns::ColumnClock;
use rusty_audio_render::plan::Plan;
use rusty_audio_render::reading::{NOTHING, Reading, loudest, reading_at};
use rusty_audio_render::settings::{Channels, Kind};
use rusty_audio_render::ticks::{Tick, frequency_ticks, level_ticks};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::backend::Backend;
use crate::canvas::Canvas;
use crate::error::invalid_argument;
use crate::settings::{RenderSettings, read};
use crate::web_gpu::WebGpu;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r"
/** A frequency and what sounds there. */
export interface Reading {
  /** In Hz; NaN if there is none. */
  frequencyHz: number;
  /** In dB, weighted as the picture is; NaN if there is nothing. */
  levelDecibels: number;
  /** The nearest note as `A4 +0 ¢`; '' if there is none. */
  note: string;
}
";

#[wasm_bindgen]
extern "C" {
    /// What is handed to the page.
    #[wasm_bindgen(typescript_type = "Reading")]
    pub type JsReading;
}

/// Draws a spectrum or a waveform on a canvas.
#[wasm_bindgen]
pub struct SpectrumRenderer {
    backend: Backend,
    reason: &'static str,
    plan: Option<Plan>,
    clock: Option<ColumnClock>,
    drawn_at_ms: Option<f64>,
    frames_drawn: f64,
    twin_frames: f64,
}

#[wasm_bindgen]
impl SpectrumRenderer {
    /// Takes a canvas that has no context yet. WebGPU draws if it is allowed and there is an adapter, else Canvas 2D.
    ///
    /// # Errors
    /// `invalid-argument` if the canvas has another context already.
    pub async fn create(
        canvas: HtmlCanvasElement,
        #[wasm_bindgen(js_name = allowWebGpu)] allow_web_gpu: bool,
    ) -> Result<SpectrumRenderer, JsValue> {
        let gpu = if allow_web_gpu { WebGpu::open(&canvas).await } else { Err("The page asked for Canvas 2D.") };
        let (backend, reason) = match gpu {
            Ok(gpu) => (Backend::WebGpu(Box::new(gpu)), ""),
            Err(reason) => {
                let canvas = Canvas::new(canvas)
                    .ok_or_else(|| invalid_argument("The canvas has another context: give one that has none."))?;
                (Backend::Canvas(Box::new(canvas)), reason)
            }
        };
        Ok(Self { backend, reason, plan: None, clock: None, drawn_at_ms: None, frames_drawn: 0.0, twin_frames: 0.0 })
    }

    /// Who draws.
    #[wasm_bindgen(getter, unchecked_return_type = "'webgpu' | 'canvas'")]
    pub fn backend(&self) -> String {
        String::from(match self.backend {
            Backend::WebGpu(_) => "webgpu",
            Backend::Canvas(_) => "canvas",
        })
    }

    /// Why it is Canvas 2D; empty with WebGPU.
    #[wasm_bindgen(getter, js_name = backendReason)]
    pub fn backend_reason(&self) -> String {
        String::from(self.reason)
    }

    /// Why the device was lost; empty while it lives. After that nothing is drawn: make another renderer on a new canvas.
    #[wasm_bindgen(getter)]
    pub fn lost(&self) -> String {
        String::from(match &self.backend {
            Backend::WebGpu(gpu) => gpu.lost(),
            Backend::Canvas(_) => "",
        })
    }

    /// Frames that were drawn.
    #[wasm_bindgen(getter, js_name = framesDrawn)]
    pub fn frames_drawn(&self) -> f64 {
        self.frames_drawn
    }

    /// Frames whose smoothing the CPU twins did: 0 with WebGPU.
    #[wasm_bindgen(getter, js_name = twinFrames)]
    pub fn twin_frames(&self) -> f64 {
        self.twin_frames
    }

    /// How long the GPU works on a frame, in milliseconds: a mean over the last ones. NaN before the first, without timestamps, and
    /// with Canvas 2D.
    #[wasm_bindgen(getter, js_name = gpuMilliseconds)]
    pub fn gpu_milliseconds(&self) -> f64 {
        match &self.backend {
            Backend::WebGpu(gpu) => gpu.scene.frame_ms().unwrap_or(f64::NAN),
            Backend::Canvas(_) => f64::NAN,
        }
    }

    /// Says what is shown from now on. With a width or height of 0 nothing is drawn until the next call.
    ///
    /// # Errors
    /// `invalid-argument` for a setting that is out of its range; then everything stays as it was.
    pub fn configure(&mut self, settings: &RenderSettings) -> Result<(), JsValue> {
        let plan = Plan::new(read(settings).map_err(|sentence| invalid_argument(&sentence))?);
        let clock = |plan: &Plan| (plan.settings.kind, plan.settings.columns_per_s, plan.columns, plan.bands());
        if self.plan.as_ref().map(clock) != Some(clock(&plan)) {
            self.clock = (plan.settings.kind == Kind::Spectrogram)
                .then(|| ColumnClock::new(plan.settings.columns_per_s, plan.columns));
        }
        self.backend.configure(&plan);
        self.plan = Some(plan);
        Ok(())
    }

    /// Takes the newest spectrum: linear powers of the planes that are shown, `[plane][bin]`.
    ///
    /// # Errors
    /// `invalid-argument` unless there are as many as those have.
    #[wasm_bindgen(js_name = writePower)]
    pub fn write_power(&mut self, power: &Float32Array) -> Result<(), JsValue> {
        if self.plan.as_ref().is_none_or(|plan| !plan.is_visible()) {
            return Ok(());
        }
        let shown = self.backend.powers_mut();
        if power.length() as usize != shown.len() {
            return Err(invalid_argument(
                "The power must be that of the planes that are shown, fftSize / 2 + 1 bins each.",
            ));
        }
        power.copy_to(shown);
        Ok(())
    }

    /// Takes the newest frames of both planes, `[plane][frame]`, the newest one last.
    ///
    /// # Errors
    /// `invalid-argument` unless there are as many of both planes, and no more than the transform has samples.
    #[wasm_bindgen(js_name = writeFrames)]
    pub fn write_frames(&mut self, frames: &Float32Array) -> Result<(), JsValue> {
        let Some(plan) = &self.plan else { return Ok(()) };
        let length = frames.length();
        if length == 0 || !length.is_multiple_of(2) || length / 2 > plan.settings.fft_size {
            return Err(invalid_argument("The frames must be those of both planes, from 1 to fftSize each."));
        }
        let samples = self.backend.samples_mut(length / 2);
        frames.copy_to(samples);
        if plan.settings.channels == Channels::MidSide && plan.settings.kind == Kind::Goniometer {
            let (mids, sides) = samples.split_at_mut(samples.len() / 2);
            for (mid, side) in mids.iter_mut().zip(sides) {
                (*mid, *side) = (*mid + *side, *mid - *side);
            }
        }
        Ok(())
    }

    /// Draws a frame. The time since the last one moves what is smoothed, held and scrolled.
    pub fn draw(&mut self, #[wasm_bindgen(js_name = nowMilliseconds)] now_ms: f64) {
        let Some(plan) = self.plan.as_ref().filter(|plan| plan.is_visible()) else { return };
        let elapsed_s = self.drawn_at_ms.map_or(0.0, |drawn_at_ms| (now_ms - drawn_at_ms) / 1000.0);
        self.drawn_at_ms = Some(now_ms);
        let mut frame = plan.frame();
        plan.settings.ballistics.write(elapsed_s, &mut frame);
        if let Some(clock) = &mut self.clock {
            clock.advance(elapsed_s, &mut frame);
        }
        if self.backend.draw(plan, frame) {
            self.frames_drawn += 1.0;
            if matches!(self.backend, Backend::Canvas(_)) && plan.settings.kind.is_spectrum() {
                self.twin_frames += 1.0;
            }
        }
    }

    /// Where the axis of frequencies has its labels: pairs of a share of the axis and a frequency in Hz, no two nearer to each
    /// other than so many CSS pixels. A spectrogram's axis goes upwards; waveforms have none.
    #[wasm_bindgen(js_name = frequencyTicks)]
    pub fn frequency_ticks(
        &self,
        #[wasm_bindgen(js_name = minimumSpacingPixels)] minimum_spacing_px: f64,
    ) -> Float64Array {
        pairs(self.plan.as_ref().filter(|plan| plan.is_visible() && plan.settings.kind.is_spectrum()).map(|plan| {
            let [width, height] = plan.pane_px;
            let length = if plan.settings.kind == Kind::Spectrogram { height } else { width };
            frequency_ticks(&plan.axis, plan.share(minimum_spacing_px, length))
        }))
    }

    /// Where the axis of levels has its labels: pairs of a share of a channel's height and a level in dB, no two nearer to each
    /// other than so many CSS pixels. Spectrograms and waveforms have none.
    #[wasm_bindgen(js_name = levelTicks)]
    pub fn level_ticks(&self, #[wasm_bindgen(js_name = minimumSpacingPixels)] minimum_spacing_px: f64) -> Float64Array {
        let has_levels = |kind| matches!(kind, Kind::Bars | Kind::Line | Kind::Area);
        pairs(self.plan.as_ref().filter(|plan| plan.is_visible() && has_levels(plan.settings.kind)).map(|plan| {
            let settings = &plan.settings;
            level_ticks(settings.minimum_db, settings.maximum_db, plan.share(minimum_spacing_px, plan.pane_px[1]))
        }))
    }

    /// What lies at a share of the axis of frequencies from 0 to 1: the frequency, its note, and the level of the bar or column
    /// there, unsmoothed. Waveforms have no such axis.
    #[wasm_bindgen(js_name = readingAt)]
    pub fn reading_at(&self, #[wasm_bindgen(js_name = shareX)] share_x: f64, channel: u32) -> JsReading {
        let is_spectrum = self.plan.as_ref().is_some_and(|plan| plan.settings.kind.is_spectrum());
        self.read(channel, |plan, powers| if is_spectrum { reading_at(plan, powers, share_x) } else { NOTHING })
    }

    /// The strongest tone of the axis, read between bins. There is none if it lies below the lower edge.
    pub fn loudest(&self, channel: u32) -> JsReading {
        self.read(channel, loudest)
    }

    fn read(&self, channel: u32, reading: impl FnOnce(&Plan, &[f32]) -> Reading) -> JsReading {
        let plan = self.plan.as_ref().filter(|plan| plan.is_visible());
        let read = plan.and_then(|plan| {
            let powers = self.backend.powers().chunks_exact(plan.bins.count() as usize).nth(channel as usize)?;
            Some(reading(plan, powers))
        });
        let Reading { frequency_hz, level_db, note } = read.unwrap_or(NOTHING);
        let note = note.map(|note| note.to_string()).unwrap_or_default();
        let object = Object::new();
        for (name, value) in
            [("frequencyHz", frequency_hz.into()), ("levelDecibels", level_db.into()), ("note", JsValue::from(note))]
        {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&object, &name.into(), &value);
        }
        object.unchecked_into()
    }
}

/// Shares and values in turn.
fn pairs(ticks: Option<Vec<Tick>>) -> Float64Array {
    let pairs: Vec<f64> = ticks.unwrap_or_default().into_iter().flat_map(|tick| [tick.share, tick.value]).collect();
    Float64Array::from(pairs.as_slice())
}
