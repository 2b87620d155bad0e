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
    /// Tells what has changed, if it is time to.
    pub fn report<'a>(&mut self, sources: impl Iterator<Item = (TrackId, &'a Source)>) {
        let now = Date::now();
        // A clock that was set back must not silence the report.
        if (0.0..INTERVAL_MILLISECONDS).contains(&(now - self.at)) {
            return;
        }
        self.at = now;
        let before = core::mem::take(&mut self.told);
        for (track, source) in sources {
            let (received_bytes, total_bytes) = (source.received(), source.total());
            if before.get(&track) != Some(&(received_bytes, total_bytes)) {
                message::post(&DecoderEvent::Progress { track, received_bytes, total_bytes });
            }
            self.told.insert(track, (received_bytes, total_bytes));
        }
    }
}
