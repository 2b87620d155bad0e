//! A waveform on the GPU: oscilloscope and goniometer.

use wgpu::{BufferBindingType, BufferUsages, ShaderStages};

use super::{STORAGE_OFFSET, buffer_type, draw_pipeline, entry, part, shaders};
use crate::layout::Scope;

/// The newest frames of one or two channels, and how they are drawn.
#[derive(Debug)]
pub struct Waveform {
    frames: u32,
    /// What the passes are told, then the samples, as they are written.
    staging: Vec<f32>,
    upload: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    oscilloscope: wgpu::RenderPipeline,
    goniometer: wgpu::RenderPipeline,
}

impl Waveform {
    /// Makes the buffer and compiles the shaders for targets of a format. Colours are premultiplied.
    #[must_use]
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat, frames: u32, channels: u32) -> Self {
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
        let samples = (channels * frames) as usize;
        let bytes = samples * size_of::<f32>();
        let upload = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("scope and samples"),
            size: (STORAGE_OFFSET + bytes) as u64,
            usage: BufferUsages::UNIFORM | BufferUsages::STORAGE | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let resources = [part(&upload, 0, size_of::<Scope>()), part(&upload, STORAGE_OFFSET, bytes)];
        Self {
            frames,
            staging: vec![0.0; STORAGE_OFFSET / size_of::<f32>() + samples],
            bind_group: super::bind_group(device, &layout, resources),
            upload,
            oscilloscope: draw_pipeline(device, &pipeline_layout, "oscilloscope", shaders::OSCILLOSCOPE, format),
            goniometer: draw_pipeline(device, &pipeline_layout, "goniometer", shaders::GONIOMETER, format),
        }
    }

    /// The place for the newest samples, `[channel][frame]`, the newest frame last.
    pub fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.staging[STORAGE_OFFSET / size_of::<f32>()..]
    }

    /// Writes a frame of the picture: how it looks, and the samples. The number of frames in `scope` is filled in here.
    pub fn write(&mut self, queue: &wgpu::Queue, scope: Scope) {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.staging);
        let scope = Scope { frames: self.frames, ..scope };
        bytes[..size_of::<Scope>()].copy_from_slice(bytemuck::bytes_of(&scope));
        queue.write_buffer(&self.upload, 0, bytes);
    }

    /// Draws one channel as an oscilloscope does.
    pub fn draw_oscilloscope(&self, pass: &mut wgpu::RenderPass<'_>, channel: u32) {
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.oscilloscope);
        pass.draw(0..3, channel..channel + 1);
    }

    /// Draws two channels against each other; the dots fade with their age.
    pub fn draw_goniometer(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&self.goniometer);
        pass.draw(0..4, 0..self.frames);
    }
}
