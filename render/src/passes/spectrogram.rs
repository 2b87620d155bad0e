//! Levels become columns of a scrolling spectrogram.

use crate::layout::{FLOOR, FLOOR_DB, Frame};

/// Writes the frame's columns: levels of the bands' powers, unsmoothed, in dB above
/// [`FLOOR_DB`], so that a column which was never written is silent. A column that several frames write shows the
/// greatest of their powers, which `newest` keeps.
///
/// `newest` is `[channel][band]`; `levels` is `[channel][band][column]`, with `width` columns.
pub fn spectrogram(frame: &Frame, band_powers: &[f32], newest: &mut [f32], levels: &mut [f32], width: usize) {
    let rows = levels.chunks_exact_mut(width);
    for ((&power, newest), row) in band_powers.iter().zip(newest).zip(rows) {
        *newest = if frame.column_is_new == 1 { power } else { power.max(*newest) };
        let level = 10.0 / core::f32::consts::LOG2_10 * newest.max(FLOOR).log2() - FLOOR_DB;
        for column in 0..frame.columns as usize {
            row[(frame.column as usize + column) % width] = level;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_the_loudest_of_its_frames_and_a_new_one_begins_anew() {
        let (mut newest, mut levels) = ([0.0; 2], [0.0; 8]);
        let mut frame = Frame { column: 3, columns: 1, column_is_new: 1, ..Frame::default() };
        spectrogram(&frame, &[0.1, 0.001], &mut newest, &mut levels, 4);
        frame.column_is_new = 0;
        spectrogram(&frame, &[0.01, 0.01], &mut newest, &mut levels, 4);
        let near = |level: f32, expected: f32| (level - 300.0 - expected).abs() < 1e-4;
        assert!(near(levels[3], -10.0) && near(levels[7], -20.0), "{levels:?}");
        // The next two columns lie at the beginning again.
        frame = Frame { column: 0, columns: 2, column_is_new: 1, ..frame };
        spectrogram(&frame, &[0.0, 1.0], &mut newest, &mut levels, 4);
        assert!(near(levels[0], -300.0) && near(levels[1], -300.0) && levels[2] == 0.0 && near(levels[3], -10.0));
        assert!(near(levels[4], 0.0) && near(levels[5], 0.0) && levels[6] == 0.0);
    }
}
