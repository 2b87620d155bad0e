//! Pitch: frequencies, MIDI note numbers and cents, in equal temperament with A4 (note 69) at 440 Hz.

const CONCERT_PITCH_HZ: f64 = 440.0;
const CONCERT_NOTE: f64 = 69.0;
const CENTS_PER_OCTAVE: f64 = 1200.0;

/// Frequency in Hz of a note number, which may lie between two notes: `440·2^((note − 69)/12)`.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn note_to_hz(note: f64) -> f64 {
    CONCERT_PITCH_HZ * libm::exp2((note - CONCERT_NOTE) / 12.0)
}

/// Note number of a frequency in Hz: `69 + 12·log2(hz/440)`; −∞ of 0.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn hz_to_note(hz: f64) -> f64 {
    CONCERT_NOTE + 12.0 * libm::log2(hz / CONCERT_PITCH_HZ)
}

/// Ratio of two frequencies that lie `cents` apart: `2^(cents/1200)`.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn cents_to_ratio(cents: f64) -> f64 {
    libm::exp2(cents / CENTS_PER_OCTAVE)
}

/// Distance in cents of two frequencies with this ratio: `1200·log2(ratio)`.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn ratio_to_cents(ratio: f64) -> f64 {
    CENTS_PER_OCTAVE * libm::log2(ratio)
}

/// A note, and how far a frequency is from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// MIDI note number: 60 is C4, 69 is A4; below 0 for what lies under 8.2 Hz.
    pub number: i32,
    /// Cents above the note, −50 to 50.
    pub cents: f64,
}

impl Note {
    /// The note nearest to a frequency in Hz; none for what is not a positive number.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a frequency above 0 is within ±13 000 notes")]
    pub fn nearest(hz: f64) -> Option<Self> {
        let note = hz_to_note(hz);
        if !note.is_finite() {
            return None;
        }
        let whole = libm::round(note);
        Some(Self { number: whole as i32, cents: 100.0 * (note - whole) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_the_frequencies_of_the_midi_tuning_table() {
        for (note, hz) in
            [(69.0, 440.0), (60.0, 261.625_565_3), (21.0, 27.5), (108.0, 4_186.009_045), (0.0, 8.175_798_9)]
        {
            assert!((note_to_hz(note) / hz - 1.0).abs() < 1e-8, "{note}");
            assert!((hz_to_note(hz) - note).abs() < 1e-6, "{note}");
        }
    }

    #[test]
    fn cents_and_ratios_are_inverse() {
        assert_eq!((cents_to_ratio(1200.0), ratio_to_cents(0.5)), (2.0, -1200.0));
        assert!((ratio_to_cents(1.5) - 701.955).abs() < 1e-3);
        for cents in -5000..5000 {
            assert!((ratio_to_cents(cents_to_ratio(f64::from(cents))) - f64::from(cents)).abs() < 1e-9);
        }
    }

    #[test]
    fn the_nearest_note_is_half_a_semitone_away_at_most() {
        assert_eq!(Note::nearest(440.0), Some(Note { number: 69, cents: 0.0 }));
        let sharp = Note::nearest(1000.0).unwrap();
        assert_eq!(sharp.number, 83);
        assert!((sharp.cents - 21.309).abs() < 1e-3);
        for tenth_hz in 1..240_000 {
            let hz = f64::from(tenth_hz) / 10.0;
            let note = Note::nearest(hz).unwrap();
            assert!(note.cents.abs() <= 50.0);
            assert!((note_to_hz(f64::from(note.number) + note.cents / 100.0) / hz - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_no_frequency_has_no_note() {
        for hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Note::nearest(hz), None);
        }
    }
}
