//! How much of each source has been received, told at most five times a second.

use std::collections::HashMap;

use js_sys::Date;
use rusty_audio_protocol::{DecoderEvent, TrackId};

use super::message;
use crate::source::Source;

/// Shortest time between two reports, in milliseconds.
const INTERVAL_MILLISECONDS: f64 = 200.0;

/// What has been told.
#[derive(Default)]
pub struct ProgressReport {
    told: HashMap<TrackId, (u64, Option<u64>)>,
    at: f64,
}

impl ProgressReport {
    /// Tells what has changed, if it is time to. True when something is left to be told later.
    pub fn report<'a>(&mut self, sources: impl Iterator<Item = (TrackId, &'a Source)>) -> bool {
        let now: HashMap<_, _> = sources.map(|(track, source)| (track, (source.received(), source.total()))).collect();
        if now == self.told {
            return false;
        }
        let time = Date::now();
        // A clock that was set back must not silence the report.
        if (0.0..INTERVAL_MILLISECONDS).contains(&(time - self.at)) {
            return true;
        }
        self.at = time;
        for (&track, &(received_bytes, total_bytes)) in &now {
            if self.told.get(&track) != Some(&(received_bytes, total_bytes)) {
                message::post(&DecoderEvent::Progress { track, received_bytes, total_bytes });
            }
        }
        self.told = now;
        false
    }
}
