//! The picture on the GPU.
//!
//! Buffers are made once for each size, pipelines once for each device. A frame writes one buffer, and encodes four compute
//! passes and what is drawn.

mod analysis;
mod picture;
mod scene;
pub mod shaders;
mod stopwatch;
mod waveform;

pub use analysis::{Analysis, Passes, Sizes};
pub use picture::Picture;
pub use scene::Scene;
pub use stopwatch::Stopwatch;
pub use waveform::Waveform;

/// Opens a device with the limits that every WebGPU adapter has, and with timestamps if this one has them.
///
/// # Errors
/// When the adapter has been used or lost.
pub async fn open(adapter: &wgpu::Adapter) -> Result<(wgpu::Device, wgpu::Queue), wgpu::RequestDeviceError> {
    let required_features = adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
    adapter.request_device(&wgpu::DeviceDescriptor { required_features, ..wgpu::DeviceDescriptor::default() }).await
}

/// Where what follows the uniforms begins in the buffer that a frame writes, in bytes: the alignment that every WebGPU adapter
/// is content with.
const STORAGE_OFFSET: usize = 256;

/// A part of a buffer, in bytes.
fn part(buffer: &wgpu::Buffer, offset: usize, bytes: usize) -> wgpu::BindingResource<'_> {
    wgpu::BindingResource::Buffer(wgpu::BufferBinding {
        buffer,
        offset: offset as u64,
        size: core::num::NonZeroU64::new(bytes as u64),
    })
}

/// One entry of the layout of a bind group.
fn entry(binding: u32, visibility: wgpu::ShaderStages, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
}

/// A buffer that is bound as a whole.
fn buffer_type(ty: wgpu::BufferBindingType) -> wgpu::BindingType {
    wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None }
}

/// A bind group of resources in the order of their bindings.
fn bind_group<const N: usize>(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    resources: [wgpu::BindingResource<'_>; N],
) -> wgpu::BindGroup {
    let mut binding = 0..;
    let entries =
        resources.map(|resource| wgpu::BindGroupEntry { binding: binding.next().unwrap_or_default(), resource });
    device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
}

/// Draws into a channel's pane from now on. They stand one above the other, the first one on top.
fn enter_pane(pass: &mut wgpu::RenderPass<'_>, [width, height]: [f32; 2], channel: u32) {
    pass.set_viewport(0.0, channel as f32 * height, width, height, 0.0, 1.0);
}

/// A pipeline that draws strips of triangles, blended on what is there.
fn draw_pipeline(
    device: &wgpu::Device,
    layout: &wgpu::PipelineLayout,
    label: &'static str,
    source: &'static str,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState {
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            ..wgpu::PrimitiveState::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
