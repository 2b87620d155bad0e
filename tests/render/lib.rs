//! What the suites of the picture share: a device of lavapipe, tests that are shown as ignored without one, and the way back of
//! what the GPU has computed.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use wgpu::{BufferUsages, Extent3d, MapMode};

/// Of all that is drawn.
pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A device of the software adapter, `mesa-vulkan-drivers` on Debian.
pub struct Gpu {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
}

impl Gpu {
    fn open() -> Option<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions { force_fallback_adapter: true, ..Default::default() };
        let adapter = pollster::block_on(instance.request_adapter(&options)).ok()?;
        let (device, queue) = pollster::block_on(rusty_audio_render::gpu::open(&adapter)).expect("a device");
        Some(Self { device, queue })
    }

    /// Encodes, submits and waits.
    ///
    /// # Panics
    /// When the device is lost.
    pub fn run(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encode(&mut encoder);
        self.queue.submit([encoder.finish()]);
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("a device that is not lost");
    }

    /// What a pass draws on a transparent target of a size in pixels.
    pub fn drawn(&self, size_px: [u16; 2], draw: impl FnOnce(&mut wgpu::RenderPass<'_>)) -> Image {
        self.drawn_on(size_px, |target| {
            self.run(|encoder| {
                let attachment = wgpu::RenderPassColorAttachment {
                    view: target,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
                        store: wgpu::StoreOp::Store,
                    },
                };
                draw(&mut encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                    color_attachments: &[Some(attachment)],
                    ..wgpu::RenderPassDescriptor::default()
                }));
            });
        })
    }

    /// What is drawn on a target of a size in pixels.
    pub fn drawn_on(&self, [width, height]: [u16; 2], draw: impl FnOnce(&wgpu::TextureView)) -> Image {
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: Extent3d { width: u32::from(width), height: u32::from(height), depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        draw(&texture.create_view(&wgpu::TextureViewDescriptor::default()));
        Image { width, height, pixels: self.read_texture(&texture) }
    }

    /// What a buffer contains.
    pub fn read<T: bytemuck::Pod>(&self, buffer: &wgpu::Buffer) -> Vec<T> {
        self.copied(buffer.size(), |encoder, copy| encoder.copy_buffer_to_buffer(buffer, 0, copy, 0, buffer.size()))
    }

    /// What a texture of four bytes for each texel contains: `[layer][row][column]`.
    pub fn read_texture<T: bytemuck::Pod>(&self, texture: &wgpu::Texture) -> Vec<T> {
        let Extent3d { width, height, depth_or_array_layers } = texture.size();
        // WebGPU wants rows to begin at multiples of 256 bytes.
        let bytes_per_row = (4 * width).next_multiple_of(256);
        let size = u64::from(bytes_per_row * height * depth_or_array_layers);
        let padded: Vec<T> = self.copied(size, |encoder, copy| {
            let layout = wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(bytes_per_row),
                rows_per_image: Some(height),
            };
            let destination = wgpu::TexelCopyBufferInfo { buffer: copy, layout };
            encoder.copy_texture_to_buffer(texture.as_image_copy(), destination, texture.size());
        });
        padded.chunks_exact(bytes_per_row as usize / 4).flat_map(|row| &row[..width as usize]).copied().collect()
    }

    fn copied<T: bytemuck::Pod>(
        &self,
        size: u64,
        encode: impl FnOnce(&mut wgpu::CommandEncoder, &wgpu::Buffer),
    ) -> Vec<T> {
        let copy = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.run(|encoder| {
            encode(encoder, &copy);
            encoder.map_buffer_on_submit(&copy, MapMode::Read, .., |mapped| mapped.expect("a mapped buffer"));
        });
        let mapped = copy.get_mapped_range(..).expect("a mapped buffer");
        bytemuck::pod_collect_to_vec(&mapped)
    }
}

/// A test and its name.
pub type Test = (&'static str, fn(&Gpu));

/// Runs tests that need a GPU. Without an adapter they are shown as ignored; with `CI=true` its absence is a failure.
#[must_use]
pub fn main(tests: &[Test]) -> ExitCode {
    let gpu = Box::leak(Box::new(Gpu::open())).as_ref();
    let ignored = gpu.is_none() && std::env::var("CI").as_deref() != Ok("true");
    let trials = tests.iter().map(|&(name, test)| {
        let run = move || {
            test(gpu.ok_or("There is no software adapter: install mesa-vulkan-drivers.")?);
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// A small generator, so that data are named by their seed (xorshift64*, Vigna 2016).
pub struct Random(pub u64);

impl Random {
    /// The next number from 0 to 1.
    pub fn unit(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / 16_777_216.0
    }

    /// A power between −120 and 0 dB, every level as likely.
    pub fn power(&mut self) -> f32 {
        10f32.powf(-12.0 * self.unit())
    }
}

/// The lowest of panes that stand one above the other, into which alone was drawn.
///
/// # Panics
/// If anything was drawn in another pane.
#[must_use]
pub fn lowest_pane(image: Image, panes: u16) -> Image {
    let Image { width, height, mut pixels } = image;
    let pane_height = height / panes;
    let others = usize::from(width) * usize::from(height - pane_height);
    assert!(pixels.drain(..others).all(|pixel| pixel == CLEAR), "a pane that is another channel's");
    Image { width, height: pane_height, pixels }
}

/// A picture that was drawn.
pub struct Image {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Red, green, blue and alpha, premultiplied, from the upper left.
    pub pixels: Vec<[u8; 4]>,
}

impl Image {
    /// The pixel of a column, `row` pixels above the lower edge.
    #[must_use]
    pub fn pixel(&self, column: u16, row: u16) -> [u8; 4] {
        self.pixels[usize::from(self.height - 1 - row) * usize::from(self.width) + usize::from(column)]
    }

    /// Rows of a column for which something is true.
    pub fn rows(&self, column: u16, mut is: impl FnMut([u8; 4]) -> bool) -> Vec<u16> {
        (0..self.height).filter(|&row| is(self.pixel(column, row))).collect()
    }
}

/// Whether a pixel has a colour to one step of 255, premultiplied.
#[must_use]
pub fn is(pixel: [u8; 4], color: [f32; 4]) -> bool {
    let [red, green, blue, alpha] = color;
    let expected = [red * alpha, green * alpha, blue * alpha, alpha];
    pixel.into_iter().zip(expected).all(|(actual, expected)| (f32::from(actual) - 255.0 * expected).abs() <= 1.0)
}

/// What nothing was drawn on.
pub const CLEAR: [u8; 4] = [0; 4];

/// Distance of a point from a segment.
#[must_use]
pub fn distance(point: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let [px, py] = [point[0] - from[0], point[1] - from[1]];
    let [sx, sy] = [to[0] - from[0], to[1] - from[1]];
    let share = ((px * sx + py * sy) / (sx * sx + sy * sy)).clamp(0.0, 1.0);
    (px - share * sx).hypot(py - share * sy)
}
