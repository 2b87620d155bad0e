//! The source ring in shared memory, through this worker's own instance of the engine module.

use js_sys::{Float32Array, Function, Object, Reflect, WebAssembly};
use wasm_bindgen::prelude::*;
use web_sys::{Performance, WorkerGlobalScope};

use crate::{Join, Segment, Sink};

/// The feeder of an engine.
pub struct EngineSink {
    feeder: JsValue,
    capacity: u32,
    written: Function,
    read: Function,
    target: Function,
    begin: Function,
    push: Function,
    end: Function,
    note: Function,
    staging: [Float32Array; 2],
    /// The clock of all threads, from the worker's own start on.
    performance: Option<Performance>,
}

impl EngineSink {
    /// Instantiates `module` over `memory`, with this thread's stack below `stack_top`, for the feeder at `feeder`.
    ///
    /// # Errors
    /// What the browser throws when module and memory do not fit.
    pub fn new(module: &WebAssembly::Module, memory: &JsValue, stack_top: u32, feeder: u32) -> Result<Self, JsValue> {
        let environment = Object::new();
        Reflect::set(&environment, &"memory".into(), memory)?;
        let imports = Object::new();
        Reflect::set(&imports, &"env".into(), &environment)?;
        let exports = WebAssembly::Instance::new(module, &imports)?.exports();
        let stack: WebAssembly::Global = Reflect::get(&exports, &"__stack_pointer".into())?.dyn_into()?;
        stack.set_value(&stack_top.into());
        let function = |name: &str| Reflect::get(&exports, &name.into())?.dyn_into::<Function>();
        let feeder = JsValue::from(feeder);
        let frames = number(function("feeder_staging_frames")?.call0(&JsValue::NULL));
        let buffer = memory.unchecked_ref::<WebAssembly::Memory>().buffer();
        let staging_of = function("feeder_staging")?;
        let plane = |channel: u32| -> Result<Float32Array, JsValue> {
            let address = number(staging_of.call2(&JsValue::NULL, &feeder, &channel.into()));
            Ok(Float32Array::new_with_byte_offset_and_length(&buffer, address, frames))
        };
        Ok(Self {
            capacity: number(function("feeder_capacity")?.call1(&JsValue::NULL, &feeder)),
            written: function("feeder_written")?,
            read: function("feeder_read")?,
            target: function("feeder_target")?,
            begin: function("feeder_begin")?,
            push: function("feeder_push")?,
            end: function("feeder_end")?,
            note: function("feeder_note")?,
            staging: [plane(0)?, plane(1)?],
            feeder,
            performance: js_sys::global().unchecked_into::<WorkerGlobalScope>().performance(),
        })
    }

    /// Has the flight recorder note down that bytes are waited for, or are there.
    pub fn note(&self, waits: bool) {
        let now = self.performance.as_ref().map_or(0.0, |performance| performance.time_origin() + performance.now());
        let _ = self.note.call3(&JsValue::NULL, &self.feeder, &now.into(), &u32::from(waits).into());
    }
}

/// An `i32` result as the `u32` that it stands for; 0 if the call threw.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an i32 from WebAssembly, its bits reread as u32"
)]
fn number(result: Result<JsValue, JsValue>) -> u32 {
    result.ok().and_then(|value| value.as_f64()).unwrap_or(0.0) as i64 as u32
}

impl Sink for EngineSink {
    fn capacity(&self) -> u32 {
        self.capacity
    }

    fn written(&self) -> u32 {
        number(self.written.call1(&JsValue::NULL, &self.feeder))
    }

    fn read(&self) -> u32 {
        number(self.read.call1(&JsValue::NULL, &self.feeder))
    }

    fn target(&self) -> u32 {
        number(self.target.call1(&JsValue::NULL, &self.feeder))
    }

    #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
    fn begin(&mut self, segment: Segment) -> bool {
        let (join, at) = match segment.join {
            Join::Follow => (0, 0),
            Join::Jump => (1, 0),
            Join::At(index) => (2, index),
        };
        let arguments = js_sys::Array::of5(
            &self.feeder,
            &segment.epoch.into(),
            &segment.track.into(),
            &(segment.frame as f64).into(),
            &join.into(),
        );
        arguments.push(&at.into());
        number(self.begin.apply(&JsValue::NULL, &arguments)) != 0
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        let frames = u32::try_from(left.len()).unwrap_or(0).min(self.staging[0].length());
        for (plane, samples) in self.staging.iter().zip([left, right]) {
            plane.subarray(0, frames).copy_from(&samples[..frames as usize]);
        }
        number(self.push.call2(&JsValue::NULL, &self.feeder, &frames.into())) as usize
    }

    fn end(&mut self) -> bool {
        number(self.end.call1(&JsValue::NULL, &self.feeder)) != 0
    }
}
