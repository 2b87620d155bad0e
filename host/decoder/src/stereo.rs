//! Two planes of samples that always have the same length.

/// Stereo sound in planar form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StereoFrames {
    /// Left samples.
    pub left: Vec<f32>,
    /// Right samples, as many as left ones.
    pub right: Vec<f32>,
}

impl StereoFrames {
    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// Whether there is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Removes all frames and keeps the storage.
    pub fn clear(&mut self) {
        self.left.clear();
        self.right.clear();
    }

    /// Appends one frame.
    pub fn push(&mut self, left: f32, right: f32) {
        self.left.push(left);
        self.right.push(right);
    }

    /// Appends frames; both slices have the same length.
    pub fn extend(&mut self, left: &[f32], right: &[f32]) {
        debug_assert_eq!(left.len(), right.len());
        self.left.extend_from_slice(left);
        self.right.extend_from_slice(right);
    }

    /// Removes the first `frames`.
    pub fn drop_first(&mut self, frames: usize) {
        self.left.drain(..frames);
        self.right.drain(..frames);
    }
}
