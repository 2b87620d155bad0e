//! What an engine can lose and have built anew: a memory, the module's instances over it, and the pool.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::error::Result;
use crate::instance::{Instance, pages};
use crate::pool::Pool;
use crate::script::{get_number, object};
use crate::support::Mode;

/// An engine's memory and who works in it.
pub struct Core {
    /// Its name in the worklet.
    pub id: String,
    /// How its threads are joined.
    pub mode: Mode,
    /// Why this mode, in a sentence.
    pub reason: String,
    /// Shared mode only.
    pub instance: Option<Rc<Instance>>,
    /// Shared mode only.
    pub pool: RefCell<Option<Rc<Pool>>>,
    /// A call of it on the audio thread has failed; nothing calls it there any more.
    pub failed: Cell<bool>,
    /// Solo mode: bytes in use, as the worklet last told.
    pub solo_used_bytes: Cell<f64>,
    /// The number of that word.
    solo_use: Cell<f64>,
}

impl Core {
    /// A core over the memory of `instance`, without workers yet.
    pub fn shared(id: String, instance: Rc<Instance>, reason: impl Into<String>) -> Self {
        Self::new(id, Mode::Shared, Some(instance), reason)
    }

    /// A core whose memory the worklet has.
    pub fn solo(id: String, reason: impl Into<String>) -> Self {
        Self::new(id, Mode::Solo, None, reason)
    }

    fn new(id: String, mode: Mode, instance: Option<Rc<Instance>>, reason: impl Into<String>) -> Self {
        Self {
            id,
            mode,
            reason: reason.into(),
            instance,
            pool: RefCell::default(),
            failed: Cell::new(false),
            solo_used_bytes: Cell::new(0.0),
            solo_use: Cell::new(0.0),
        }
    }

    /// Takes over what a node tells of the worklet's memory, in solo mode. Ports do not wait for each other: the highest number is newest.
    pub fn hear_used_bytes(&self, message: &JsValue) {
        let number = get_number(message, "use");
        if number > self.solo_use.get() {
            self.solo_use.set(number);
            self.solo_used_bytes.set(get_number(message, "usedBytes"));
        }
    }

    /// The pool, in shared mode.
    pub fn pool(&self) -> Option<Rc<Pool>> {
        self.pool.borrow().clone()
    }
}

/// What opens a core in the worklet when its memory is `instance`'s.
pub fn shared_opening(id: &str, instance: &Instance) -> Result<Object> {
    Ok(object(&[
        ("id", id.into()),
        ("memory", instance.memory().clone().into()),
        ("stackTop", instance.stack()?.into()),
        ("arena", instance.arena().into()),
        ("dispatcher", instance.dispatcher.into()),
    ]))
}

/// What opens a core in the worklet that makes its own memory.
pub fn solo_opening(id: &str, memory_mebibytes: u32) -> Object {
    object(&[("id", id.into()), ("pages", pages(memory_mebibytes).into())])
}
