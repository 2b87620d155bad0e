//! Correcting what has been written ahead, after the succession of tracks has changed.

use super::{Conductor, Media};
use crate::{Join, Sink};

impl<M: Media> Conductor<M> {
    /// Drops the segments that have been heard, except the last, and the places of tracks that only they needed.
    pub(super) fn forget_heard(&mut self, sink: &impl Sink) {
        while self.written.len() > 1 && self.written[0].is_heard(sink) {
            self.written.pop_front();
        }
        let (head, written) = (&self.head, &self.written);
        self.entries.retain(|entry| {
            entry.media.is_some()
                || head.is_some_and(|head| head.track == entry.track)
                || written.iter().any(|segment| segment.track == entry.track)
        });
    }

    /// After the succession of tracks has changed: finds the first boundary ahead of the sound that has
    /// become wrong, and writes anew from there.
    pub(super) fn revise(&mut self, sink: &impl Sink) {
        self.forget_heard(sink);
        if self.head.is_some_and(|head| head.join == Join::Jump && !head.begun) {
            return;
        }
        for place in 0..self.written.len() {
            let segment = self.written[place];
            let Some(end) = segment.end else { return };
            let following = self.written.get(place + 1).copied();
            let unbegun = self.head.filter(|head| !head.begun);
            let actual = following
                .map(|following| following.track)
                .or_else(|| unbegun.filter(|head| head.silent_at.is_none()).map(|head| head.track));
            // The loop does not bring back what has ended.
            let ended = actual.is_none() && segment.is_heard(sink);
            let expected = self.successor(segment.track, segment.broken || ended);
            if expected == actual {
                continue;
            }
            let join = following
                .map_or_else(|| unbegun.map_or(Join::Follow, |head| head.join), |following| Join::At(following.start));
            self.written.truncate(place + 1);
            self.closing = false;
            match expected {
                Some(next) => self.lead(next, 0, join, false),
                None if join == Join::Follow => {
                    self.head = None;
                    self.closing = true;
                }
                None => {
                    let length = u64::from(end.wrapping_sub(segment.start));
                    self.fall_silent(segment.track, segment.frame + length, join);
                }
            }
            return;
        }
    }
}
