//! Which columns of a scrolling spectrogram a frame writes, so that it scrolls alike at any number of frames per second.

use crate::layout::Frame;

/// Counts columns by the time that passes.
#[derive(Clone, Copy, Debug)]
pub struct ColumnClock {
    columns_per_s: f64,
    width: u32,
    /// The column that is being written, and how much of its time has passed: 0 to 1.
    column: u32,
    phase: f64,
    has_begun: bool,
}

impl ColumnClock {
    /// A spectrogram of `width` columns, each of which lasts `1/columns_per_s` seconds.
    ///
    /// # Panics
    /// Unless both are above 0.
    #[must_use]
    pub fn new(columns_per_s: f64, width: u32) -> Self {
        assert!(columns_per_s > 0.0 && width > 0, "{width} columns of some time");
        Self { columns_per_s, width, column: 0, phase: 0.0, has_begun: false }
    }

    /// Goes on by `elapsed_s` seconds, and writes to the frame which columns are its own: the current one, or all that have
    /// begun since the last frame.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most as many as the spectrogram has columns, and never negative"
    )]
    pub fn advance(&mut self, elapsed_s: f64, frame: &mut Frame) {
        let phase = self.phase + elapsed_s.max(0.0) * self.columns_per_s;
        self.phase = phase.fract();
        let begun = phase.min(f64::from(self.width)) as u32;
        frame.column_is_new = u32::from(begun > 0 || !self.has_begun);
        frame.column = if begun > 0 { (self.column + 1) % self.width } else { self.column };
        frame.columns = begun.max(1);
        self.column = (self.column + begun) % self.width;
        self.has_begun = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_written_once_as_new_at_any_rate() {
        for frames_per_s in [30, 60, 144, 7] {
            let mut clock = ColumnClock::new(50.0, 64);
            let (mut expected, mut new) = (0, 0);
            for frame_number in 0..frames_per_s {
                let mut frame = Frame::default();
                clock.advance(if frame_number == 0 { 0.0 } else { 1.0 / f64::from(frames_per_s) }, &mut frame);
                if frame.column_is_new == 1 {
                    assert_eq!(frame.column, expected % 64);
                    expected += frame.columns;
                    new += frame.columns;
                } else {
                    assert_eq!((frame.column, frame.columns), ((expected - 1) % 64, 1));
                }
            }
            // All but the last frame's time of one second has passed.
            let passed = 50.0 * (1.0 - 1.0 / f64::from(frames_per_s));
            assert!((f64::from(new) - passed).abs() <= 1.0, "{frames_per_s} frames/s: {new} columns");
        }
    }

    #[test]
    fn a_long_pause_fills_the_spectrogram_once() {
        let mut clock = ColumnClock::new(50.0, 64);
        let mut frame = Frame::default();
        clock.advance(3600.0, &mut frame);
        assert_eq!((frame.columns, frame.column_is_new), (64, 1));
    }
}
