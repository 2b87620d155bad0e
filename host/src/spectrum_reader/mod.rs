//! A page's way to what an analyser of a node keeps: power spectra and the frames themselves.
//!
//! | file | is about |
//! |---|---|
//! | `shared` | the same memory: jobs of the pool, and frames where they lie |
//! | `solo` | messages: frames from the worklet, and a worker that has no other work |

mod shared;
mod solo;

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Float32Array;
use rusty_audio_engine::config::ANALYSER_SIZES;
use rusty_audio_engine::effects::analyser::{WINDOWS, longest};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsValue;

use crate::error::Result;
use crate::node::Node;
use crate::pool::ReaderId;

use shared::Shared;
use solo::Solo;

/// The effect that can be read.
const ANALYSER: &str = "analyser";

/// The windows by the names of the package's types, in the engine's order.
const WINDOW_NAMES: [&str; WINDOWS.len()] = ["hann", "hamming", "blackman-harris", "flat-top"];

/// Samples by which a window's shape is told.
const SHAPE_SAMPLES: u16 = 256;

thread_local! {
    static READERS: Cell<ReaderId> = const { Cell::new(0) };
}

/// What is read.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) reader: ReaderId,
    /// Place of the analyser in the node's list.
    pub(crate) effect: u32,
    /// Samples of the transform.
    pub(crate) size: u32,
    /// Number of the window.
    pub(crate) window: u32,
}

impl Subject {
    /// Bins of a plane.
    pub(crate) fn bins(self) -> u32 {
        self.size / 2 + 1
    }
}

/// A reader of one analyser.
pub(crate) struct SpectrumReader {
    node: Rc<Node>,
    pub(crate) subject: Subject,
    shared: Shared,
    solo: Solo,
    end: Cell<f64>,
    closed: Cell<bool>,
}

fn invalid<T>(message: String) -> Result<T> {
    Err(Failure::new(ErrorCode::InvalidArgument, message))
}

impl SpectrumReader {
    /// That of the analyser called `label`.
    pub(crate) fn new(node: &Rc<Node>, label: &str, size: f64, window: &str) -> Result<Rc<Self>> {
        if node.disposed.get() {
            return Err(Failure::new(ErrorCode::Disposed, "The node was disposed of."));
        }
        node.engine.check_open()?;
        let Some(number) = (0..).zip(WINDOW_NAMES).find_map(|(number, name)| (name == window).then_some(number)) else {
            return invalid(format!("There is no window called \"{window}\"; there are {}.", WINDOW_NAMES.join(", ")));
        };
        let (effect, most) = find(node, label)?;
        let least = *ANALYSER_SIZES.start();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what is no such number is refused"
        )]
        let whole = size as u32;
        if f64::from(whole) != size || !whole.is_power_of_two() || !(least..=most).contains(&(whole as usize)) {
            return invalid(format!("fftSize must be a power of two from {least} to {most} for {label}, not {size}."));
        }
        READERS.set(READERS.get().wrapping_add(1));
        let subject = Subject { reader: READERS.get(), effect, size: whole, window: number };
        let reader = Rc::new_cyclic(|reader| Self {
            node: node.clone(),
            subject,
            shared: Shared::default(),
            solo: Solo::new(reader.clone()),
            end: Cell::new(0.0),
            closed: Cell::new(false),
        });
        node.readers.borrow_mut().push(Rc::downgrade(&reader));
        Ok(reader)
    }

    /// Samples of the window at evenly spaced points of its length.
    pub(crate) fn window_shape(&self) -> Float32Array {
        let Some(window) = WINDOWS.get(self.subject.window as usize) else { return Float32Array::new_with_length(0) };
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let sample = |n: u16| window.value(f64::from(n) / f64::from(SHAPE_SAMPLES)) as f32;
        Float32Array::from((0..SHAPE_SAMPLES).map(sample).collect::<Vec<_>>().as_slice())
    }

    /// `SpectrumReader.readPower()`.
    pub(crate) fn read_power(&self, target: &Float32Array) -> Result<bool> {
        let (bins, length) = (self.subject.bins(), target.length());
        if length != bins && length != 2 * bins {
            return invalid(format!(
                "The target of readPower must have binCount samples for plane 0 or 2 × binCount for both, {bins} or {}, not {length}.",
                2 * bins
            ));
        }
        if self.is_over() {
            return Ok(false);
        }
        let place = self.node.place.borrow().clone();
        let read = match place.core.pool() {
            Some(pool) => self.shared.read_power(self.subject, &place, &pool, target),
            None if place.is_solo() => self.solo.read_power(self.subject, &self.node, target),
            None => None,
        };
        Ok(self.note(read))
    }

    /// `SpectrumReader.readFrames()`.
    pub(crate) fn read_frames(&self, target: &Float32Array) -> Result<bool> {
        let (length, most) = (target.length(), 2 * self.subject.size);
        if length == 0 || length % 2 != 0 || length > most {
            return invalid(format!(
                "The target of readFrames must have an even number of samples from 2 to {most}, 2 × fftSize, not {length}."
            ));
        }
        if self.is_over() {
            return Ok(false);
        }
        let place = self.node.place.borrow().clone();
        let read = match place.core.pool() {
            Some(pool) => self.shared.read_frames(self.subject, &place, &pool, target),
            None if place.is_solo() => self.solo.read_frames(self.subject, &self.node, target),
            None => None,
        };
        Ok(self.note(read))
    }

    /// Takes in what the worklet answers, in solo mode.
    pub(crate) fn hear(&self, answer: &JsValue) {
        if !self.is_over() {
            self.solo.hear(self.subject, &self.node.engine, answer);
        }
    }

    /// `SpectrumReader.endFrame`.
    pub(crate) fn end_frame(&self) -> f64 {
        self.end.get()
    }

    /// Lets go of what it has asked for. Calling it again does nothing.
    pub(crate) fn close(&self) {
        if !self.closed.replace(true) {
            self.shared.close();
            self.solo.close();
        }
    }

    /// Whether there is nothing to be read any more.
    fn is_over(&self) -> bool {
        self.closed.get() || self.node.disposed.get() || self.node.engine.disposed.get()
    }

    /// Takes over the lower 32 bits of the frame that follows what was read. Returns whether anything was.
    fn note(&self, end: Option<u32>) -> bool {
        if let Some(end) = end {
            let context = &self.node.engine.context;
            let now = (context.current_time() * f64::from(context.sample_rate())).round();
            self.end.set(nearest(end, now));
        }
        end.is_some()
    }
}

impl Drop for SpectrumReader {
    fn drop(&mut self) {
        self.close();
    }
}

/// The frame next to `now` whose lower 32 bits are these.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower bits are meant")]
fn nearest(bits: u32, now: f64) -> f64 {
    now + f64::from(bits.wrapping_sub(now as u64 as u32).cast_signed())
}

/// The place of the analyser called `label`, and its longest transform.
fn find(node: &Node, label: &str) -> Result<(u32, usize)> {
    let links = &node.plan.borrow().chain.links;
    let analysers = || (0..).zip(links).filter(|(_, link)| link.effect == ANALYSER);
    if let Some((place, link)) = analysers().find(|(_, link)| link.label == label) {
        let [asked, ..] = link.settings;
        return Ok((place, longest(asked)));
    }
    let known: Vec<_> = analysers().map(|(_, link)| link.label.as_str()).collect();
    let known = if known.is_empty() { String::from("it has none") } else { format!("it has {}", known.join(", ")) };
    invalid(format!("The node has no {ANALYSER} called \"{label}\"; {known}."))
}
