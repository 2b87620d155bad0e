//! A view of consecutive frames, one plane for each channel.

use crate::config::CHANNELS;

/// Frames of sound, planar: `[channel][frame]`. As long as a render quantum or any part of one.
pub struct Quantum<'q> {
    planes: [&'q mut [f32]; CHANNELS],
    frame: u64,
}

impl<'q> Quantum<'q> {
    /// A view of as many frames as the shorter plane has; the first of them is `frame` of the context's clock.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new([left, right]: [&'q mut [f32]; CHANNELS], frame: u64) -> Self {
        let frames = left.len().min(right.len());
        let cut = |plane: &'q mut [f32]| plane.get_mut(..frames).unwrap_or_default();
        Self { planes: [cut(left), cut(right)], frame }
    }

    /// How many frames there are.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.planes[0].len()
    }

    /// The first frame's place on the context's clock.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// The channels' samples, equally many.
    ///
    /// # Real-time
    /// Any thread.
    pub fn planes(&mut self) -> &mut [&'q mut [f32]; CHANNELS] {
        &mut self.planes
    }

    /// The channels' samples, to be read.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn channels(&self) -> [&[f32]; CHANNELS] {
        let [left, right] = &self.planes;
        [left, right]
    }

    /// `count` frames from `start` on; fewer when it ends before.
    ///
    /// # Real-time
    /// Any thread.
    pub fn part(&mut self, start: usize, count: usize) -> Quantum<'_> {
        let end = start.saturating_add(count).min(self.frames());
        let start = start.min(end);
        let [left, right] = &mut self.planes;
        let planes = [left.get_mut(start..end).unwrap_or_default(), right.get_mut(start..end).unwrap_or_default()];
        Quantum { planes, frame: self.frame.wrapping_add(start as u64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_where_it_says() {
        let (mut left, mut right) = ([0.0; 8], [0.0; 9]);
        let mut whole = Quantum::new([&mut left, &mut right], 100);
        assert_eq!(whole.frames(), 8);
        let mut part = whole.part(3, 2);
        assert_eq!((part.frame(), part.frames()), (103, 2));
        part.planes()[1].fill(1.0);
        assert_eq!(whole.part(7, 5).frames(), 1);
        assert_eq!(whole.part(20, 5).frames(), 0);
        assert_eq!(right, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
