//! The decode worker's end of the source ring.

use crate::config::STAGING_FRAMES;
use crate::lockfree::ring::{Full, Producer};
use crate::protocol::{Join, Mark};

/// Writes PCM and marks. Lives on the decode worker; in solo mode, where there is no shared memory, on the
/// audio thread, which receives the PCM as messages.
pub struct Feeder<'a> {
    frames: Producer<'a, f32>,
    marks: Producer<'a, Mark>,
    staging: [&'a mut [f32]; 2],
    epoch: u32,
}

impl<'a> Feeder<'a> {
    pub(crate) fn new(frames: Producer<'a, f32>, marks: Producer<'a, Mark>, staging: [&'a mut [f32]; 2]) -> Self {
        Self { frames, marks, staging, epoch: 0 }
    }

    /// Frames that the source ring holds.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.frames.capacity()
    }

    /// Index of the next frame to be written, free-running.
    ///
    /// # Real-time
    /// The feeder's thread.
    #[must_use]
    pub fn written(&self) -> u32 {
        self.frames.write_index()
    }

    /// Index of the next frame to be read, free-running.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn read(&mut self) -> u32 {
        self.frames.read_index()
    }

    /// A segment begins at the present write index with `frame` of `track`.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] when too many marks are on their way; try again when some were read.
    pub fn begin(&mut self, epoch: u32, track: u32, frame: u64, join: Join) -> Result<(), Full<Mark>> {
        self.marks.push(Mark::begin(self.written(), epoch, track, frame, join))?;
        self.epoch = epoch;
        Ok(())
    }

    /// Where `push` takes its samples from: [`STAGING_FRAMES`] of one channel.
    ///
    /// # Real-time
    /// The feeder's thread.
    pub fn staging(&mut self, channel: usize) -> Option<&mut [f32]> {
        self.staging.get_mut(channel).map(|plane| &mut **plane)
    }

    /// Publishes the first `frames` of the staging planes. Returns how many found room.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    pub fn push(&mut self, frames: u32) -> u32 {
        let staging = &self.staging;
        let frames = (frames as usize).min(STAGING_FRAMES);
        #[expect(clippy::cast_possible_truncation, reason = "at most STAGING_FRAMES")]
        self.frames.write(frames as u32, |plane, offset, run| {
            if let Some(source) = staging.get(plane).and_then(|samples| samples.get(offset..offset + run.len())) {
                run.copy_from_slice(source);
            }
        })
    }

    /// Nothing follows for now. A later `begin` that follows goes on without a gap.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] as for `begin`.
    pub fn end(&mut self) -> Result<(), Full<Mark>> {
        self.marks.push(Mark::end(self.written(), self.epoch))
    }
}
