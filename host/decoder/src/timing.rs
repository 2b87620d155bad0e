//! Waiting in a worker: for an event and for a while.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::WorkerGlobalScope;

/// Something has happened. Raised any number of times, it wakes its one waiter once.
#[derive(Clone, Default)]
pub struct Signal(Rc<SignalState>);

#[derive(Default)]
struct SignalState {
    raised: Cell<bool>,
    waiter: RefCell<Option<Waker>>,
}

impl Signal {
    /// Wakes the waiter, now or when it comes.
    pub fn raise(&self) {
        self.0.raised.set(true);
        let waiter = self.0.waiter.borrow_mut().take();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Resolves when it is raised, at once if it was since the last time.
    pub async fn raised(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.0.raised.take() {
            return Poll::Ready(());
        }
        *self.0.waiter.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

/// Waits for whichever comes first, and prefers the first.
pub async fn either<A: Future, B: Future>(first: A, second: B) -> Result<A::Output, B::Output> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        second.as_mut().poll(context).map(Err)
    })
    .await
}

/// `future`'s output, or none if it takes longer than `milliseconds`.
pub async fn within<F: Future>(milliseconds: i32, future: F) -> Option<F::Output> {
    let timer = Timer::start(milliseconds);
    either(future, timer.signal.raised()).await.ok()
}

/// Waits so long.
pub async fn pause(milliseconds: i32) {
    Timer::start(milliseconds).signal.raised().await;
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

struct Timer {
    signal: Signal,
    handle: Option<i32>,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    fn start(milliseconds: i32) -> Self {
        let signal = Signal::default();
        let raised = signal.clone();
        let callback = Closure::new(move || raised.raise());
        let function: &Function = callback.as_ref().unchecked_ref();
        let handle = scope().set_timeout_with_callback_and_timeout_and_arguments_0(function, milliseconds).ok();
        Self { signal, handle, _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(handle) = self.handle {
            scope().clear_timeout_with_handle(handle);
        }
    }
}
