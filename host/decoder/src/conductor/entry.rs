//! What the conductor knows of a track of the queue.

use rusty_audio_protocol::{TrackDescription, TrackId};

use super::Media;
use crate::Stream;

/// One track of the queue.
pub(super) struct Entry<M: Media> {
    pub(super) track: TrackId,
    /// None once it has been taken out of the queue; its place is kept while frames of it are in the ring.
    pub(super) media: Option<M>,
    pub(super) stream: Option<Stream<M::Codec>>,
    pub(super) described: Option<TrackDescription>,
    /// It has no frame to give: passed over until somebody seeks in it.
    pub(super) unplayable: bool,
    /// A seek landed inexactly, in this epoch, and the index will tell where.
    pub(super) landed_near: Option<u32>,
    /// Somebody has sought in it, so its index is worth network traffic.
    pub(super) sought: bool,
    /// The index cannot be built.
    pub(super) index_failed: bool,
}

impl<M: Media> Entry<M> {
    /// Frees what decoding it holds in memory.
    pub(super) fn rest(&mut self) {
        if self.stream.take().is_some()
            && let Some(media) = &self.media
        {
            media.release();
        }
    }
}
