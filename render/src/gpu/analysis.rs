//! The compute passes and the buffers that they keep from frame to frame.

use wgpu::{BufferBindingType, BufferUsages, ShaderStages};

use super::{STORAGE_OFFSET, Stopwatch, buffer_type, entry, part, shaders};
use crate::layout::{Band, Frame, LANES, Peak};

/// How much there is of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bins of each channel.
    pub bins: u32,
    /// Bands of each channel.
    pub bands: u32,
    /// One or two.
    pub channels: u32,
    /// Columns of the spectrogram; at least one.
    pub columns: u32,
}

/// The compute pipelines of a device.
#[derive(Debug)]
pub struct Passes {
    layout: wgpu::BindGroupLayout,
    bands: wgpu::ComputePipeline,
    smooth: wgpu::ComputePipeline,
    peak: wgpu::ComputePipeline,
    spectrogram: wgpu::ComputePipeline,
}

impl Passes {
    /// Compiles the shaders.
    #[must_use]
    pub fn new(device: &wgpu::Device) -> Self {
        let compute = |binding, ty| entry(binding, ShaderStages::COMPUTE, ty);
        let [read, write] = [true, false].map(|read_only| buffer_type(BufferBindingType::Storage { read_only }));
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("analysis"),
            entries: &[
                compute(0, buffer_type(BufferBindingType::Uniform)),
                compute(1, read),
                compute(2, read),
                compute(3, write),
                compute(4, write),
                compute(5, write),
                compute(6, write),
                compute(
                    7,
                    wgpu::BindingType::StorageTexture {
                        access: wgpu::StorageTextureAccess::WriteOnly,
                        format: wgpu::TextureFormat::R32Float,
                        view_dimension: wgpu::TextureViewDimension::D2Array,
                    },
                ),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("analysis"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = |label, source: &'static str| {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(label),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(label),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let bands = pipeline("bands", shaders::BANDS);
        let smooth = pipeline("smooth", shaders::SMOOTH);
        let peak = pipeline("peak", shaders::PEAK);
        let spectrogram = pipeline("spectrogram", shaders::SPECTROGRAM);
        Self { layout, bands, smooth, peak, spectrogram }
    }
}

/// One spectrum on the GPU: what is written to it for each frame, and what the passes make of it.
#[derive(Debug)]
pub struct Analysis {
    sizes: Sizes,
    /// The frame's uniforms, then the powers, as they are written.
    staging: Vec<f32>,
    has_new_powers: bool,
    upload: wgpu::Buffer,
    table: wgpu::Buffer,
    band_powers: wgpu::Buffer,
    smoothed: wgpu::Buffer,
    peaks: wgpu::Buffer,
    levels: wgpu::Texture,
    bind_group: wgpu::BindGroup,
}

impl Analysis {
    /// Makes the buffers; all powers are 0 and the table of bands is empty.
    #[must_use]
    pub fn new(device: &wgpu::Device, passes: &Passes, sizes: Sizes) -> Self {
        let buffer = |label, bytes: usize, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: bytes as u64,
                usage,
                mapped_at_creation: false,
            })
        };
        let bins = (sizes.channels * sizes.bins) as usize;
        let values = (sizes.channels * sizes.bands) as usize;
        let kept = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let upload = buffer(
            "frame and powers",
            STORAGE_OFFSET + bins * size_of::<f32>(),
            BufferUsages::UNIFORM | BufferUsages::STORAGE | BufferUsages::COPY_DST,
        );
        let table =
            buffer("table", sizes.bands as usize * size_of::<Band>(), BufferUsages::STORAGE | BufferUsages::COPY_DST);
        let band_powers = buffer("band powers", values * size_of::<f32>(), kept);
        let smoothed = buffer("smoothed", values * size_of::<f32>(), kept);
        let peaks = buffer("peaks", values * size_of::<Peak>(), kept);
        let newest = buffer("newest", values * size_of::<f32>(), BufferUsages::STORAGE);
        let levels = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("levels"),
            size: wgpu::Extent3d { width: sizes.columns, height: sizes.bands, depth_or_array_layers: sizes.channels },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::R32Float,
            usage: wgpu::TextureUsages::STORAGE_BINDING
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let levels_view = layers(&levels);
        let resources = [
            part(&upload, 0, size_of::<Frame>()),
            part(&upload, STORAGE_OFFSET, bins * size_of::<f32>()),
            table.as_entire_binding(),
            band_powers.as_entire_binding(),
            smoothed.as_entire_binding(),
            peaks.as_entire_binding(),
            newest.as_entire_binding(),
            wgpu::BindingResource::TextureView(&levels_view),
        ];
        let bind_group = super::bind_group(device, &passes.layout, resources);
        Self {
            sizes,
            staging: vec![0.0; STORAGE_OFFSET / size_of::<f32>() + bins],
            has_new_powers: true,
            upload,
            table,
            band_powers,
            smoothed,
            peaks,
            levels,
            bind_group,
        }
    }

    /// Says what the bands are; to be called once before the first frame, and whenever scale, weighting or transform change.
    ///
    /// # Panics
    /// Unless there are as many as [`Sizes::bands`].
    pub fn set_bands(&self, queue: &wgpu::Queue, table: &[Band]) {
        assert_eq!(table.len(), self.sizes.bands as usize, "bands in the table");
        queue.write_buffer(&self.table, 0, bytemuck::cast_slice(table));
    }

    /// The place for the powers of the newest spectrum, `[channel][bin]`. Until there is another one they stay.
    pub fn powers_mut(&mut self) -> &mut [f32] {
        self.has_new_powers = true;
        &mut self.staging[STORAGE_OFFSET / size_of::<f32>()..]
    }

    /// The newest spectrum, `[channel][bin]`.
    #[must_use]
    pub fn powers(&self) -> &[f32] {
        &self.staging[STORAGE_OFFSET / size_of::<f32>()..]
    }

    /// Writes what is new and encodes the four passes. The numbers of bins and bands in `frame` are filled in here. A
    /// `stopwatch` is told when they begin.
    pub fn encode(
        &mut self,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        passes: &Passes,
        frame: Frame,
        stopwatch: Option<&Stopwatch>,
    ) {
        let Sizes { bins, bands, channels, .. } = self.sizes;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.staging);
        bytes[..size_of::<Frame>()].copy_from_slice(bytemuck::bytes_of(&Frame { bins, bands, ..frame }));
        let length = if self.has_new_powers { bytes.len() } else { size_of::<Frame>() };
        queue.write_buffer(&self.upload, 0, &bytes[..length]);
        self.has_new_powers = false;
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            timestamp_writes: stopwatch.map(Stopwatch::of_first_pass),
            ..wgpu::ComputePassDescriptor::default()
        });
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.set_pipeline(&passes.bands);
        pass.dispatch_workgroups(bands, channels, 1);
        for pipeline in [&passes.smooth, &passes.peak, &passes.spectrogram] {
            pass.set_pipeline(pipeline);
            pass.dispatch_workgroups((bands * channels).div_ceil(LANES), 1, 1);
        }
    }

    /// How much there is of everything.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// What the last frame was told.
    pub(super) fn frame(&self) -> wgpu::BindingResource<'_> {
        part(&self.upload, 0, size_of::<Frame>())
    }

    /// The table of [`Band`]s.
    #[must_use]
    pub fn table(&self) -> &wgpu::Buffer {
        &self.table
    }

    /// Powers of the bands, `[channel][band]`, as they came.
    #[must_use]
    pub fn band_powers(&self) -> &wgpu::Buffer {
        &self.band_powers
    }

    /// Smoothed powers, `[channel][band]`.
    #[must_use]
    pub fn smoothed(&self) -> &wgpu::Buffer {
        &self.smoothed
    }

    /// [`Peak`]s, `[channel][band]`.
    #[must_use]
    pub fn peaks(&self) -> &wgpu::Buffer {
        &self.peaks
    }

    /// The spectrogram: levels in dB above [`FLOOR_DB`](crate::layout::FLOOR_DB), a layer for each channel, a row for each band.
    #[must_use]
    pub fn levels(&self) -> &wgpu::Texture {
        &self.levels
    }
}

/// All channels of the spectrogram, even if there is but one.
pub(super) fn layers(levels: &wgpu::Texture) -> wgpu::TextureView {
    levels.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2Array),
        ..wgpu::TextureViewDescriptor::default()
    })
}
