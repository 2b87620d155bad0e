//! The canvas, device and end of a GPU.

use std::sync::{Arc, OnceLock};

use rusty_audio_render::gpu::{Scene, open};
use rusty_audio_render::layout::Frame;
use rusty_audio_render::plan::Plan;
use web_sys::HtmlCanvasElement;
use wgpu::{CurrentSurfaceTexture, Instance, InstanceDescriptor, RequestAdapterOptions};

/// A picture that a GPU draws on a canvas.
pub struct WebGpu {
    /// What is drawn.
    pub scene: Scene,
    surface: wgpu::Surface<'static>,
    configuration: wgpu::SurfaceConfiguration,
    lost: Arc<OnceLock<String>>,
}

impl WebGpu {
    /// Opens a device and takes the canvas, unless there is no adapter.
    ///
    /// # Errors
    /// A sentence on why WebGPU cannot be used; then the canvas is as it was.
    pub async fn open(canvas: &HtmlCanvasElement) -> Result<Self, &'static str> {
        let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
        let adapter = instance
            .request_adapter(&RequestAdapterOptions::default())
            .await
            .map_err(|_| "The browser has no WebGPU adapter.")?;
        let (device, queue) = open(&adapter).await.map_err(|_| "The WebGPU adapter gave no device.")?;
        let lost = Arc::new(OnceLock::new());
        tell_the_first_misfortune(&device, &lost);
        let surface = surface(&instance, canvas).ok_or("The canvas gave no WebGPU context.")?;
        let configuration = wgpu::SurfaceConfiguration {
            alpha_mode: wgpu::CompositeAlphaMode::PreMultiplied,
            ..surface.get_default_config(&adapter, 1, 1).ok_or("The WebGPU adapter cannot draw on a canvas.")?
        };
        let scene = Scene::new(device, queue, configuration.format);
        Ok(Self { scene, surface, configuration, lost })
    }

    /// Why the device was lost; empty while it lives.
    pub fn lost(&self) -> &str {
        self.lost.get().map_or("", String::as_str)
    }

    /// Shows what is planned from now on.
    pub fn configure(&mut self, plan: &Plan) {
        if !plan.is_visible() {
            return;
        }
        self.scene.configure(plan);
        let [width, height] = plan.settings.size_px;
        if [self.configuration.width, self.configuration.height] != [width, height] {
            (self.configuration.width, self.configuration.height) = (width, height);
            self.surface.configure(self.scene.device(), &self.configuration);
        }
    }

    /// Draws a frame. It is skipped when the device is lost or the canvas gives nothing to draw on.
    pub fn draw(&mut self, plan: &Plan, frame: Frame) -> bool {
        if self.lost.get().is_some() {
            return false;
        }
        let (CurrentSurfaceTexture::Success(surface) | CurrentSurfaceTexture::Suboptimal(surface)) =
            self.surface.get_current_texture()
        else {
            return false;
        };
        let target = surface.texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.scene.draw(plan, frame, &target);
        true
    }
}

impl Drop for WebGpu {
    /// Gives the memory back at once, not when JavaScript collects its garbage.
    fn drop(&mut self) {
        self.scene.device().destroy();
    }
}

/// Validation errors end the picture as a lost device does: without a handler they would vanish, and nothing be drawn.
fn tell_the_first_misfortune(device: &wgpu::Device, lost: &Arc<OnceLock<String>>) {
    let told = Arc::clone(lost);
    device.set_device_lost_callback(move |_, message| {
        let _ = told.set(if message.is_empty() { String::from("The device was lost.") } else { message });
    });
    let told = Arc::clone(lost);
    device.on_uncaptured_error(Arc::new(move |error| {
        let _ = told.set(error.to_string());
    }));
}

#[cfg(target_arch = "wasm32")]
fn surface(instance: &Instance, canvas: &HtmlCanvasElement) -> Option<wgpu::Surface<'static>> {
    instance.create_surface(wgpu::SurfaceTarget::Canvas(canvas.clone())).ok()
}

/// There is no canvas elsewhere.
#[cfg(not(target_arch = "wasm32"))]
fn surface(_: &Instance, _: &HtmlCanvasElement) -> Option<wgpu::Surface<'static>> {
    None
}
