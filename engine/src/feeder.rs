//! The decode worker's end of the source ring.

use crate::buffering::Limits;
use crate::config::STAGING_FRAMES;
use crate::events::{Event, Occurrence};
use crate::lockfree::recorder::Recorder;
use crate::lockfree::ring::{Full, Producer};
use crate::pacing::Pacing;
use crate::protocol::{Join, Mark};

/// Writes PCM and marks. Lives on the decode worker; in solo mode, where there is no shared memory, on the
/// audio thread, which receives the PCM as messages.
pub struct Feeder<'a> {
    frames: Producer<'a, f32>,
    marks: Producer<'a, Mark>,
    staging: [&'a mut [f32]; 2],
    epoch: u32,
    pacing: Pacing<'a>,
    log: Recorder<'a, Event>,
}

impl<'a> Feeder<'a> {
    pub(crate) fn new(
        frames: Producer<'a, f32>,
        marks: Producer<'a, Mark>,
        staging: [&'a mut [f32]; 2],
        pacing: Pacing<'a>,
        log: Recorder<'a, Event>,
    ) -> Self {
        Self { frames, marks, staging, epoch: 0, pacing, log }
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

    /// From now on the depth is looked for within `limits`, or kept at `fixed` frames if that is given; see
    /// [`buffering`](crate::buffering). Without it the ring is to be kept full. What was learnt is forgotten, but that so many
    /// frames were needed.
    ///
    /// # Real-time
    /// The feeder's thread, or whoever has built it before that begins.
    pub fn limit(&mut self, limits: Limits, fixed: Option<u32>, needed_frames: u32) {
        self.pacing.limit(limits, fixed, needed_frames);
    }

    /// How many frames are to be ahead of the sound now. It is found anew at every push.
    ///
    /// # Real-time
    /// The feeder's thread.
    #[must_use]
    pub fn target(&self) -> u32 {
        self.pacing.target_frames()
    }

    /// A segment begins at the present write index with `frame` of `track`.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] when too many marks are on their way; try again when some were read.
    pub fn begin(&mut self, epoch: u32, track: u32, frame: u64, join: Join) -> Result<(), Full<Mark>> {
        let (read, written) = (self.read(), self.written());
        self.marks.push(Mark::begin(written, epoch, track, frame, join))?;
        self.epoch = epoch;
        self.pacing.begin(join, read, written);
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
        let (read, written) = (self.read(), self.written());
        self.pacing.before(read, written);
        let staging = &self.staging;
        let frames = (frames as usize).min(STAGING_FRAMES);
        #[expect(clippy::cast_possible_truncation, reason = "at most STAGING_FRAMES")]
        let taken = self.frames.write(frames as u32, |plane, offset, run| {
            if let Some(source) = staging.get(plane).and_then(|samples| samples.get(offset..offset + run.len())) {
                run.copy_from_slice(source);
            }
        });
        self.pacing.after(read, self.written());
        taken
    }

    /// Nothing follows for now. A later `begin` that follows goes on without a gap.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    ///
    /// # Errors
    /// [`Full`] as for `begin`.
    pub fn end(&mut self) -> Result<(), Full<Mark>> {
        self.marks.push(Mark::end(self.written(), self.epoch))?;
        self.pacing.end();
        Ok(())
    }

    /// Notes down that nothing can be written before bytes arrive, at `now_ms` of the page's monotonic clock.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    pub fn wait(&mut self, now_ms: f64) {
        let (written, buffered_frames) = self.fill();
        self.log.record(Event::new(now_ms, 0, Occurrence::Waits { written, buffered_frames }));
    }

    /// Notes down that what [`Feeder::wait`] told of is over.
    ///
    /// # Real-time
    /// The feeder's thread; wait-free.
    pub fn go_on(&mut self, now_ms: f64) {
        let (written, buffered_frames) = self.fill();
        self.log.record(Event::new(now_ms, 0, Occurrence::GoesOn { written, buffered_frames }));
    }

    /// The write index, and the frames in the ring.
    fn fill(&mut self) -> (u32, u32) {
        let (written, read) = (self.written(), self.read());
        (written, written.wrapping_sub(read))
    }
}
