//! The main thread's handle of a player.

use bytemuck::Zeroable;

use crate::events::Event;
use crate::lockfree::latest::Reader;
use crate::lockfree::recorder::Replay;
use crate::lockfree::ring::{Full, Producer};
use crate::protocol::{Command, Telemetry};

/// One of the flight recorders of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayerTape {
    /// What the audio thread noted down of its source.
    Source,
    /// What its decode worker did.
    Decode,
}

impl PlayerTape {
    /// The tape with that number: 0 that of the source, any other the decode worker's.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        if number == 0 { Self::Source } else { Self::Decode }
    }
}

/// The flight recorders of a player, as the main thread has them.
pub(crate) struct PlayerTapes<'a> {
    pub(crate) source: Replay<'a, Event>,
    pub(crate) decode: Replay<'a, Event>,
}

/// Sends commands, reads telemetry and replays the flight recorders.
pub struct Controller<'a> {
    commands: Producer<'a, Command>,
    telemetry: Reader<'a, Telemetry>,
    newest: Telemetry,
    /// A player has them.
    tapes: Option<PlayerTapes<'a>>,
    replayed: Event,
}

impl<'a> Controller<'a> {
    pub(crate) fn new(
        commands: Producer<'a, Command>,
        telemetry: Reader<'a, Telemetry>,
        tapes: Option<PlayerTapes<'a>>,
    ) -> Self {
        Self { commands, telemetry, newest: Telemetry::zeroed(), tapes, replayed: Event::zeroed() }
    }

    /// Sends a command; it takes effect at the start of the next quantum.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] when the audio thread has not run for long; nothing is lost by sending it again later.
    pub fn send(&mut self, command: Command) -> Result<(), Full<Command>> {
        self.commands.push(command)
    }

    /// The newest telemetry, all zero before the first quantum.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn telemetry(&mut self) -> &Telemetry {
        self.newest = self.telemetry.read();
        &self.newest
    }

    /// The next event of one of a player's flight recorders, the oldest first, each once; `None` when there is no newer one.
    ///
    /// # Real-time
    /// Main thread; lock-free.
    pub fn next_event(&mut self, tape: PlayerTape) -> Option<&Event> {
        self.replayed = self.replay(tape)?.next_event()?;
        Some(&self.replayed)
    }

    /// Events of one of them that were written over before [`Controller::next_event`] came to them, wrapping.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn lost_events(&mut self, tape: PlayerTape) -> u32 {
        self.replay(tape).map_or(0, |replay| replay.lost())
    }

    fn replay(&mut self, tape: PlayerTape) -> Option<&mut Replay<'a, Event>> {
        let tapes = self.tapes.as_mut()?;
        Some(match tape {
            PlayerTape::Source => &mut tapes.source,
            PlayerTape::Decode => &mut tapes.decode,
        })
    }
}
