//! The source ring behind a port, in solo mode: the worklet owns it, and samples go there as transferred buffers.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::timing::Signal;
use crate::{Join, Segment, Sink};

/// The port to the worklet.
pub struct PortSink {
    port: MessagePort,
    state: Rc<RingState>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

/// What the worklet has told of its ring.
#[derive(Default)]
struct RingState {
    capacity: Cell<u32>,
    /// As it was told first, and what was sent since.
    written: Cell<u32>,
    read: Cell<u32>,
    target: Cell<u32>,
}

impl PortSink {
    /// Talks to the worklet at the other end of `port`; `moved` is raised when it has read.
    pub fn new(port: MessagePort, moved: Signal) -> Self {
        let state = Rc::new(RingState::default());
        let told = Rc::clone(&state);
        let listener = Closure::new(move |event: MessageEvent| {
            let message = event.data();
            let field = |name: &str| Reflect::get(&message, &name.into()).unwrap_or(JsValue::UNDEFINED);
            match field("type").as_string().as_deref() {
                Some("ring") => {
                    told.capacity.set(index(&field("capacity")));
                    told.written.set(index(&field("written")));
                }
                Some("read") => {
                    told.read.set(index(&field("index")));
                    told.target.set(index(&field("target")));
                }
                _ => return,
            }
            moved.raise();
        });
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        port.start();
        Self { port, state, _listener: listener }
    }

    fn post(&self, kind: &str, fields: &[(&str, JsValue)], transferred: &Array) -> bool {
        let message = Object::new();
        let all_set = std::iter::once(&("type", JsValue::from(kind)))
            .chain(fields)
            .all(|(name, value)| Reflect::set(&message, &(*name).into(), value).is_ok());
        all_set && self.port.post_message_with_transferable(&message, transferred).is_ok()
    }
}

/// A ring index, which may have been posted as the signed number with the same bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index modulo 2^32")]
fn index(value: &JsValue) -> u32 {
    value.as_f64().unwrap_or(0.0) as i64 as u32
}

impl Sink for PortSink {
    fn capacity(&self) -> u32 {
        self.state.capacity.get()
    }

    fn written(&self) -> u32 {
        self.state.written.get()
    }

    fn read(&self) -> u32 {
        self.state.read.get()
    }

    fn target(&self) -> u32 {
        self.state.target.get()
    }

    #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
    fn begin(&mut self, segment: Segment) -> bool {
        if self.capacity() == 0 {
            return false;
        }
        let (join, at) = match segment.join {
            Join::Follow => (0, 0),
            Join::Jump => (1, 0),
            Join::At(index) => (2, index),
        };
        let fields = [
            ("epoch", segment.epoch.into()),
            ("track", segment.track.into()),
            ("frame", (segment.frame as f64).into()),
            ("join", join.into()),
            ("at", at.into()),
        ];
        self.post("begin", &fields, &Array::new())
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        let buffers = [left, right].map(|samples| JsValue::from(Float32Array::from(samples).buffer()));
        let transferred = Array::of2(&buffers[0], &buffers[1]);
        let [left_buffer, right_buffer] = buffers;
        if !self.post("push", &[("left", left_buffer), ("right", right_buffer)], &transferred) {
            return 0;
        }
        self.state.written.set(self.written().wrapping_add(u32::try_from(left.len()).unwrap_or(0)));
        left.len()
    }

    fn end(&mut self) -> bool {
        self.post("end", &[], &Array::new())
    }
}
