//! What is drawn: bars, a line with the area below it, or the spectrogram as a waterfall.

use wgpu::{BufferBindingType, ShaderStages};

use super::analysis::{Analysis, layers};
use super::{buffer_type, draw_pipeline, enter_pane, entry, shaders};
use crate::layout::View;

/// The draw pipelines of a device and what they are bound to.
#[derive(Debug)]
pub struct Picture {
    layout: wgpu::BindGroupLayout,
    bars: wgpu::RenderPipeline,
    line: wgpu::RenderPipeline,
    waterfall: wgpu::RenderPipeline,
    view: wgpu::Buffer,
    /// Of a channel's pane.
    size_px: [f32; 2],
    bind_group: wgpu::BindGroup,
}

impl Picture {
    /// Compiles the shaders for targets of a format, and binds them to a spectrum. Colours are premultiplied.
    #[must_use]
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, analysis: &Analysis) -> Self {
        let draw = |binding, ty| entry(binding, ShaderStages::VERTEX_FRAGMENT, ty);
        let uniform = buffer_type(BufferBindingType::Uniform);
        let read = buffer_type(BufferBindingType::Storage { read_only: true });
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("picture"),
            entries: &[
                draw(0, uniform),
                draw(1, read),
                draw(2, read),
                draw(3, read),
                draw(4, uniform),
                draw(
                    5,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: false },
                        view_dimension: wgpu::TextureViewDimension::D2Array,
                        multisampled: false,
                    },
                ),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("picture"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = |label, source| draw_pipeline(device, &pipeline_layout, label, source, format);
        let bars = pipeline("bars", shaders::BARS);
        let line = pipeline("line", shaders::LINE);
        let waterfall = pipeline("waterfall", shaders::WATERFALL);
        let view = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("view"),
            size: size_of::<View>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let bind_group = bound(device, &layout, &view, analysis);
        Self { layout, bars, line, waterfall, view, size_px: [0.0; 2], bind_group }
    }

    /// Draws another spectrum from now on.
    pub fn bind(&mut self, device: &wgpu::Device, analysis: &Analysis) {
        self.bind_group = bound(device, &self.layout, &self.view, analysis);
    }

    /// Says how it looks; to be called before the first frame, and whenever size, range or theme change.
    pub fn set_view(&mut self, queue: &wgpu::Queue, view: &View) {
        self.size_px = view.size_px;
        queue.write_buffer(&self.view, 0, bytemuck::bytes_of(view));
    }

    /// Draws the bars of one channel into its pane; `bands` is the number of each channel's.
    pub fn draw_bars(&self, pass: &mut wgpu::RenderPass<'_>, bands: u32, channel: u32) {
        enter_pane(pass, self.size_px, channel);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.bars);
        pass.draw(0..4, channel * bands..(channel + 1) * bands);
    }

    /// Draws the line of one channel, whose bands are of equal width, and the area below it into its pane.
    pub fn draw_line(&self, pass: &mut wgpu::RenderPass<'_>, channel: u32) {
        enter_pane(pass, self.size_px, channel);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.line);
        pass.draw(0..3, channel..channel + 1);
    }

    /// Draws the spectrogram of one channel, whose bands are of equal width, into its pane: upwards, and with time to the right.
    pub fn draw_waterfall(&self, pass: &mut wgpu::RenderPass<'_>, channel: u32) {
        enter_pane(pass, self.size_px, channel);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.waterfall);
        pass.draw(0..3, channel..channel + 1);
    }
}

fn bound(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    view: &wgpu::Buffer,
    analysis: &Analysis,
) -> wgpu::BindGroup {
    let [view, table, smoothed, peaks] =
        [view, analysis.table(), analysis.smoothed(), analysis.peaks()].map(wgpu::Buffer::as_entire_binding);
    let levels = layers(analysis.levels());
    let resources = [view, table, smoothed, peaks, analysis.frame(), wgpu::BindingResource::TextureView(&levels)];
    super::bind_group(device, layout, resources)
}
