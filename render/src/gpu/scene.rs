//! All views of a device: what is made for a plan, and what a frame of it does.

use super::{Analysis, Passes, Picture, Sizes, Stopwatch, Waveform};
use crate::layout::Frame;
use crate::plan::Plan;
use crate::settings::Kind;

/// A picture on the GPU.
#[derive(Debug)]
pub struct Scene {
    device: wgpu::Device,
    queue: wgpu::Queue,
    passes: Passes,
    analysis: Analysis,
    picture: Picture,
    waveform: Waveform,
    stopwatch: Option<Stopwatch>,
}

impl Scene {
    /// Compiles everything for targets of a format. Nothing is shown before it is [configured](Scene::configure).
    #[must_use]
    pub fn new(device: wgpu::Device, queue: wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        let passes = Passes::new(&device);
        let analysis = Analysis::new(&device, &passes, Sizes { bins: 1, bands: 1, channels: 1, columns: 1 });
        let picture = Picture::new(&device, format, &analysis);
        let waveform = Waveform::new(&device, format, 1);
        let stopwatch = Stopwatch::new(&device, &queue);
        Self { device, queue, passes, analysis, picture, waveform, stopwatch }
    }

    /// The device that it was made on.
    #[must_use]
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// Shows what is planned from now on. What has been smoothed stays as long as there is as much of everything.
    pub fn configure(&mut self, plan: &Plan) {
        // No buffer may be empty, even where no band lies on the axis.
        let sizes = Sizes {
            bins: plan.bins.count(),
            bands: plan.bands().max(1),
            channels: plan.channels(),
            columns: plan.columns,
        };
        if self.analysis.sizes() != sizes {
            self.analysis = Analysis::new(&self.device, &self.passes, sizes);
            self.picture.bind(&self.device, &self.analysis);
        }
        if !plan.table.is_empty() {
            self.analysis.set_bands(&self.queue, &plan.table);
        }
        self.picture.set_view(&self.queue, &plan.view());
    }

    /// The newest spectrum, `[channel][bin]`.
    #[must_use]
    pub fn powers(&self) -> &[f32] {
        self.analysis.powers()
    }

    /// The place for the newest spectrum, `[channel][bin]`, of as many channels as are shown.
    pub fn powers_mut(&mut self) -> &mut [f32] {
        self.analysis.powers_mut()
    }

    /// The place for the newest samples, `[channel][frame]`, the newest frame last. It is made anew for another number of
    /// frames.
    pub fn samples_mut(&mut self, frames: u32) -> &mut [f32] {
        if self.waveform.samples().len() != 2 * frames as usize {
            self.waveform.resize(&self.device, frames);
        }
        self.waveform.samples_mut()
    }

    /// How long the GPU works on a frame, in ms: a mean over the last ones. `None` before the first, and where there are no timestamps.
    #[must_use]
    pub fn frame_ms(&self) -> Option<f64> {
        self.stopwatch.as_ref().and_then(Stopwatch::frame_ms)
    }

    /// Draws a frame on a transparent target, and submits it.
    pub fn draw(&mut self, plan: &Plan, frame: Frame, target: &wgpu::TextureView) {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let is_measured = self.stopwatch.as_mut().is_some_and(Stopwatch::begin);
        let stopwatch = self.stopwatch.as_ref().filter(|_| is_measured);
        let is_spectrum = plan.settings.kind.is_spectrum();
        if is_spectrum {
            self.analysis.encode(&self.queue, &mut encoder, &self.passes, frame, stopwatch);
        } else {
            let scope = plan.scope(self.waveform.samples());
            self.waveform.write(&self.queue, scope);
        }
        let attachment = wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(attachment)],
            timestamp_writes: stopwatch.map(|stopwatch| stopwatch.of_last_pass(!is_spectrum)),
            ..wgpu::RenderPassDescriptor::default()
        });
        self.draw_views(plan, &mut pass);
        drop(pass);
        if let Some(stopwatch) = stopwatch {
            stopwatch.end(&mut encoder);
        }
        self.queue.submit([encoder.finish()]);
    }

    fn draw_views(&self, plan: &Plan, pass: &mut wgpu::RenderPass<'_>) {
        if plan.settings.kind == Kind::Goniometer {
            self.waveform.draw_goniometer(pass);
            return;
        }
        for channel in 0..plan.channels() {
            match plan.settings.kind {
                Kind::Bars => self.picture.draw_bars(pass, plan.bands(), channel),
                Kind::Line | Kind::Area => self.picture.draw_line(pass, channel),
                Kind::Spectrogram => self.picture.draw_waterfall(pass, channel),
                Kind::Oscilloscope | Kind::Goniometer => self.waveform.draw_oscilloscope(pass, channel),
            }
        }
    }
}
