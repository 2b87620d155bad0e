//! Small things of the page: time, events, objects.

use core::cell::Cell;
use core::future::{Future, pending};
use core::pin::pin;

use futures_util::future::{Either, select};
use js_sys::{Function, Math, Object, Promise, Reflect};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, CustomEvent, CustomEventInit, Event, EventTarget};

use crate::pending::Pending;

/// A name that nothing else on this page has, not even by another copy of the package.
pub fn unique_name(kind: &str) -> String {
    thread_local! {
        static COPY: f64 = (Math::random() * 2_f64.powi(53)).floor();
        static NAMES: Cell<u32> = const { Cell::new(0) };
    }
    NAMES.set(NAMES.get() + 1);
    format!("{kind}-{}-{}", COPY.with(|&copy| copy), NAMES.get())
}

/// An object literal.
pub fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        set(&object, name, value);
    }
    object
}

/// Sets a property; the objects are ours, so it cannot fail.
pub fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// A property, `undefined` when there is none.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The text of a property, empty when it is none.
pub fn get_text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_default()
}

/// The number of a property, 0 when it is none.
pub fn get_number(object: &JsValue, name: &str) -> f64 {
    get(object, name).as_f64().unwrap_or(0.0)
}

/// The browser's context. standardized-audio-context, and Tone.js by it, wrap it and say nowhere else which one that is.
pub fn native_context(context: JsValue) -> JsValue {
    let wrapped = get(&context, "_nativeContext");
    if wrapped.is_object() { wrapped } else { context }
}

/// Dispatches a `CustomEvent` of ours on a node.
pub fn dispatch(target: &EventTarget, kind: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(kind, &init) {
        let _ = target.dispatch_event(&event);
    }
}

/// Milliseconds of the page's clock.
pub fn now_ms() -> f64 {
    let performance = get(&js_sys::global(), "performance");
    performance.dyn_into::<web_sys::Performance>().map_or(0.0, |performance| performance.now())
}

/// What the page's clock is at 0, in ms since 1970.
pub fn time_origin_ms() -> f64 {
    get(&get(&js_sys::global(), "performance"), "timeOrigin").as_f64().unwrap_or(0.0)
}

/// Something to call later; dropped, it is not called any more.
pub struct Timer {
    id: i32,
    repeats: bool,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls back every `interval_ms` ms.
    pub fn every(interval_ms: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let id = web_sys::window().map_or(0, |window| {
            let function = callback.as_ref().unchecked_ref::<Function>();
            window.set_interval_with_callback_and_timeout_and_arguments_0(function, interval_ms).unwrap_or(0)
        });
        Self { id, repeats: true, _callback: callback }
    }

    /// Calls back once, `delay_ms` ms from now.
    pub fn after(delay_ms: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let id = web_sys::window().map_or(0, |window| {
            let function = callback.as_ref().unchecked_ref::<Function>();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(function, delay_ms).unwrap_or(0)
        });
        Self { id, repeats: false, _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            match self.repeats {
                true => window.clear_interval_with_handle(self.id),
                false => window.clear_timeout_with_handle(self.id),
            }
        }
    }
}

/// The outcome, or `None` when there is none after `limit_ms` ms; the future is dropped then.
pub async fn within<T>(limit_ms: i32, future: impl Future<Output = T>) -> Option<T> {
    let mut timer = None;
    let expiry = Promise::new(&mut |resolve, _| {
        timer = Some(Timer::after(limit_ms, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }));
    });
    unless(JsFuture::from(expiry), future).await.ok()
}

/// Waits for `delay_ms` ms.
pub async fn sleep(delay_ms: i32) {
    let _ = within(delay_ms, pending::<()>()).await;
}

/// The outcome of `future`, or that of `interruption` if it comes first or is there already; the other one is dropped.
pub async fn unless<I, T>(interruption: impl Future<Output = I>, future: impl Future<Output = T>) -> Result<T, I> {
    match select(pin!(interruption), pin!(future)).await {
        Either::Left((reason, _)) => Err(reason),
        Either::Right((value, _)) => Ok(value),
    }
}

/// An event listener that is removed when dropped.
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens to events of `kind`.
    pub fn new(target: &EventTarget, kind: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        let _ = target.add_event_listener_with_callback(kind, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), kind, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.kind, self.callback.as_ref().unchecked_ref());
    }
}

/// Listens to a processor that threw. The event is called `processorerror`, in Chromium `error`, as events of our own are
/// that a player dispatches.
pub fn on_processor_error(node: &EventTarget, callback: impl FnMut() + Clone + 'static) -> [Listener; 2] {
    ["processorerror", "error"].map(|kind| {
        let mut callback = callback.clone();
        Listener::new(node, kind, move |event: Event| {
            if event.dyn_ref::<CustomEvent>().is_none() {
                callback();
            }
        })
    })
}

/// Resolves when the signal fires; never without one.
pub async fn aborted(signal: Option<AbortSignal>) -> Failure {
    if !signal.as_ref().is_some_and(AbortSignal::aborted) {
        let pending = Pending::new();
        let _listener = signal.as_ref().map(|signal| {
            let pending = pending.clone();
            Listener::new(signal, "abort", move |_| pending.resolve(&JsValue::TRUE))
        });
        let _ = JsFuture::from(pending.promise()).await;
    }
    Failure::new(ErrorCode::Aborted, "The caller's signal was aborted.")
}
