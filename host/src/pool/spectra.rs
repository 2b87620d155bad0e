//! Spectra of what analysers keep, on their way: readers ask for them, look and fetch.
//!
//! Nobody waits for one, so there is no promise: a reader looks whenever it wants a picture.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Float32Array;
use rusty_audio_engine::config::PAGE_JOBS;
use rusty_audio_engine::job::Kind;
use rusty_audio_engine::lockfree::board::Class;

use super::surface::{Stage, Surface};

/// Spectra on their way at a time: what is left of the page's jobs is for its tasks.
const MOST: usize = PAGE_JOBS - 2;

/// Looks of the pool, 25 ms apart, after which a reader that does nothing any more holds nothing up: a spectrum that it does not
/// fetch is let go, and so is its turn.
const PATIENCE_LOOKS: u32 = 10;

/// Names a reader.
pub type ReaderId = u32;

struct OnItsWay {
    ticket: u32,
    looks: u32,
}

struct Waiting {
    reader: ReaderId,
    looks: u32,
}

/// The spectra on their way.
pub struct Spectra {
    surface: Rc<Surface>,
    on_their_way: RefCell<Vec<OnItsWay>>,
    /// Readers that want one, in turn.
    waiting: RefCell<Vec<Waiting>>,
}

impl Spectra {
    /// None yet.
    pub fn new(surface: Rc<Surface>) -> Self {
        Self { surface, on_their_way: RefCell::default(), waiting: RefCell::default() }
    }

    /// Has a worker compute the spectra of an analyser's newest `size` frames, with the window of that number. `None` when others
    /// come first; asking again keeps the reader's turn.
    pub fn ask(&self, reader: ReaderId, region: u32, size: u32, window: u32) -> Option<u32> {
        let mut waiting = self.waiting.borrow_mut();
        let place = match waiting.iter().position(|other| other.reader == reader) {
            Some(place) => place,
            None => {
                waiting.push(Waiting { reader, looks: 0 });
                waiting.len() - 1
            }
        };
        waiting[place].looks = 0;
        let mut on_their_way = self.on_their_way.borrow_mut();
        if place + on_their_way.len() >= MOST {
            return None;
        }
        let ticket = self.surface.reserve(Kind::Spectrum, [region, size, window])?;
        // The next picture is some milliseconds away.
        self.surface.post(ticket, Class::Interactive);
        on_their_way.push(OnItsWay { ticket, looks: 0 });
        waiting.remove(place);
        Some(ticket)
    }

    /// How far it is; lost also when it was let go.
    pub fn stage(&self, ticket: u32) -> Stage {
        let is_there = self.on_their_way.borrow().iter().any(|other| other.ticket == ticket);
        if is_there { self.surface.stage(ticket) } else { Stage::Lost }
    }

    /// Copies spectra that are done to `target`, as many samples as it has, and lets them go. Returns the lower 32 bits of the
    /// frame of the context's clock that follows the newest one in them.
    pub fn fetch(&self, ticket: u32, target: &Float32Array) -> u32 {
        let (spectra, end) = self.surface.spectra(ticket, target.length());
        target.set(&spectra, 0);
        self.release(ticket);
        end
    }

    /// Lets it go, done or not.
    pub fn release(&self, ticket: u32) {
        self.let_go(|other| other.ticket == ticket);
    }

    /// A worker has died: what is being computed may have been its own, and is not worth waiting for.
    pub fn worker_died(&self) {
        self.let_go(|other| matches!(self.surface.stage(other.ticket), Stage::Running | Stage::Lost));
    }

    /// Lets go what nobody fetches.
    pub fn look(&self) {
        self.let_go(|other| {
            other.looks += 1;
            other.looks > PATIENCE_LOOKS && self.surface.stage(other.ticket) == Stage::Done
        });
        self.waiting.borrow_mut().retain_mut(|waiting| {
            waiting.looks += 1;
            waiting.looks <= PATIENCE_LOOKS
        });
    }

    fn let_go(&self, mut is_meant: impl FnMut(&mut OnItsWay) -> bool) {
        self.on_their_way.borrow_mut().retain_mut(|other| {
            let goes = is_meant(other);
            if goes {
                self.surface.release(other.ticket);
            }
            !goes
        });
    }
}
