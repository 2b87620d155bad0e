//! The main thread's handle of a player.

use bytemuck::Zeroable;

use crate::lockfree::latest::Reader;
use crate::lockfree::ring::{Full, Producer};
use crate::protocol::{Command, Telemetry};

/// Sends commands and reads telemetry.
pub struct Controller<'a> {
    commands: Producer<'a, Command>,
    telemetry: Reader<'a, Telemetry>,
    newest: Telemetry,
}

impl<'a> Controller<'a> {
    pub(crate) fn new(commands: Producer<'a, Command>, telemetry: Reader<'a, Telemetry>) -> Self {
        Self { commands, telemetry, newest: Telemetry::zeroed() }
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
}
