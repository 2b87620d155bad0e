//! The decode worker's end of the source ring.

/// How the processor comes to a new segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// It follows what was written before it without a gap.
    Follow,
    /// The processor jumps to it as soon as it can.
    Jump,
    /// The processor jumps to it when its read index reaches this one; what was written from there on is wrong.
    At(u32),
}

/// A run of frames of one track that starts at the present write index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Epoch of its frames.
    pub epoch: u32,
    /// Which track.
    pub track: u32,
    /// Frame of the track that comes first, at the context's sample rate.
    pub frame: u64,
    /// How the processor comes to it.
    pub join: Join,
}

/// The writing end of the source ring, in shared memory or over a port.
///
/// Indices are free-running counts of frames that wrap at 2^32.
pub trait Sink {
    /// Frames that the ring holds.
    fn capacity(&self) -> u32;
    /// Index of the next frame that will be written.
    fn written(&self) -> u32;
    /// Index of the next frame that will be read.
    fn read(&self) -> u32;
    /// Frames that are to be ahead of the sound now; found anew at every [`Sink::push`].
    fn target(&self) -> u32;
    /// Starts a segment. False when there is no room for its marker now.
    fn begin(&mut self, segment: Segment) -> bool;
    /// Writes frames of the present segment, at most [`Sink::space`]; returns how many were taken.
    fn push(&mut self, left: &[f32], right: &[f32]) -> usize;
    /// Nothing follows for now. False when there is no room for the marker now.
    fn end(&mut self) -> bool;

    /// Frames that can be written now.
    fn space(&self) -> u32 {
        self.capacity().saturating_sub(self.written().wrapping_sub(self.read()))
    }
}
