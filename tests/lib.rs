//! Native suites that join several crates; see the manifest for the list.

use rusty_audio_engine::config::SEATS;
use rusty_audio_engine::{Arena, Dispatcher, PoolController, Worker, pool};

/// A pool and the handles of all its threads.
pub struct Pool<'a> {
    /// The main thread's.
    pub controller: PoolController<'a>,
    /// The audio thread's.
    pub dispatcher: Dispatcher<'a>,
    /// One for each seat.
    pub workers: [Worker<'a>; SEATS],
}

impl<'a> Pool<'a> {
    /// Builds the pool of a context of `sample_rate` Hz.
    ///
    /// # Panics
    /// When the arena has no room.
    pub fn new(arena: &mut Arena<'a>, sample_rate: f32) -> Self {
        let (controller, dispatcher) = pool(arena, sample_rate).expect("room for the pool");
        let mut seats = 0..;
        let workers = [(); SEATS].map(|()| controller.worker(seats.next().unwrap_or_default()));
        Self { controller, dispatcher, workers }
    }
}
