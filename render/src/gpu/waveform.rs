//! A waveform on the GPU: oscilloscope and goniometer.

use wgpu::{BufferBindingType, BufferUsages, ShaderStages};

use super::{STORAGE_OFFSET, buffer_type, draw_pipeline, enter_pane, entry, part, shaders};
use crate::layout::Scope;

/// The newest frames of two channels, and how they are drawn.
#[derive(Debug)]
pub struct Waveform {
    layout: wgpu::BindGroupLayout,
    oscilloscope: wgpu::RenderPipeline,
    goniometer: wgpu::RenderPipeline,
    /// What the passes are told, then the samples, as they are written.
    staging: Vec<f32>,
    /// Of a channel's pane.
    size_px: [f32; 2],
    upload: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

impl Waveform {
    /// Compiles the shaders for targets of a format, for so many frames of each channel, at least one. Colours are
    /// premultiplied.
    #[must_use]
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, frames: u32) -> Self {
        let draw = |binding, ty| entry(binding, ShaderStages::VERTEX_FRAGMENT, buffer_type(ty));
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("waveform"),
            entries: &[draw(0, BufferBindingType::Uniform), draw(1, BufferBindingType::Storage { read_only: true })],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("waveform"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let staging = staging(frames);
        let (upload, bind_group) = bound(device, &layout, &staging);
        Self {
            oscilloscope: draw_pipeline(device, &pipeline_layout, "oscilloscope", shaders::OSCILLOSCOPE, format),
            goniometer: draw_pipeline(device, &pipeline_layout, "goniometer", shaders::GONIOMETER, format),
            layout,
            staging,
            size_px: [0.0; 2],
            upload,
            bind_group,
        }
    }

    /// Makes room for another number of frames, at least one; they are silent.
    pub fn resize(&mut self, device: &wgpu::Device, frames: u32) {
        self.staging = staging(frames);
        (self.upload, self.bind_group) = bound(device, &self.layout, &self.staging);
    }

    /// The newest samples, `[channel][frame]`, the newest frame last.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.staging[SAMPLES..]
    }

    /// The place for the newest samples, `[channel][frame]`, the newest frame last.
    pub fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.staging[SAMPLES..]
    }

    /// Writes a frame of the picture: how it looks, and the samples. The number of frames in `scope` is filled in here.
    pub fn write(&mut self, queue: &wgpu::Queue, scope: Scope) {
        self.size_px = scope.size_px;
        let scope = Scope { frames: self.frames(), ..scope };
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.staging);
        bytes[..size_of::<Scope>()].copy_from_slice(bytemuck::bytes_of(&scope));
        queue.write_buffer(&self.upload, 0, bytes);
    }

    /// Draws one channel into its pane as an oscilloscope does.
    pub fn draw_oscilloscope(&self, pass: &mut wgpu::RenderPass<'_>, channel: u32) {
        enter_pane(pass, self.size_px, channel);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.oscilloscope);
        pass.draw(0..3, channel..channel + 1);
    }

    /// Draws both channels against each other; the dots fade with their age.
    pub fn draw_goniometer(&self, pass: &mut wgpu::RenderPass<'_>) {
        enter_pane(pass, self.size_px, 0);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.goniometer);
        pass.draw(0..4, 0..self.frames());
    }

    #[expect(clippy::cast_possible_truncation, reason = "as many as it was made for")]
    fn frames(&self) -> u32 {
        (self.samples().len() / 2) as u32
    }
}

/// Where the samples begin.
const SAMPLES: usize = STORAGE_OFFSET / size_of::<f32>();

fn staging(frames: u32) -> Vec<f32> {
    vec![0.0; SAMPLES + 2 * frames as usize]
}

fn bound(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, staging: &[f32]) -> (wgpu::Buffer, wgpu::BindGroup) {
    let bytes = size_of_val(staging);
    let upload = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("scope and samples"),
        size: bytes as u64,
        usage: BufferUsages::UNIFORM | BufferUsages::STORAGE | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let resources = [part(&upload, 0, size_of::<Scope>()), part(&upload, STORAGE_OFFSET, bytes - STORAGE_OFFSET)];
    let bind_group = super::bind_group(device, layout, resources);
    (upload, bind_group)
}
