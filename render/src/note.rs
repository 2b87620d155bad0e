//! Names of musical notes, equally tempered.

/// The note nearest to a frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// The name within the octave, sharps for the black keys.
    pub name: &'static str,
    /// The octave in scientific pitch notation: A4 is the tuning pitch, C4 the C below it.
    pub octave: i32,
    /// Cents from the note to the frequency, from −50 to 50.
    pub cents: f64,
}

const NAMES: [&str; 12] = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

impl Note {
    /// The note nearest to `frequency_hz` when A4 is `tuning_hz`, mostly 440; none for frequencies that are not above 0.
    #[must_use]
    pub fn of(frequency_hz: f64, tuning_hz: f64) -> Option<Self> {
        // Semitones above C0; A4 is 4 octaves and 9 semitones above it.
        let pitch = 12.0 * (frequency_hz / tuning_hz).log2() + 57.0;
        let nearest = pitch.round();
        let name = usize::try_from(whole(nearest)?.rem_euclid(12)).ok()?;
        Some(Self { name: NAMES[name], octave: whole(nearest)?.div_euclid(12), cents: 100.0 * (pitch - nearest) })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "semitones and cents, of finite frequencies below 20 000")]
fn whole(steps: f64) -> Option<i32> {
    steps.is_finite().then_some(steps as i32)
}

impl core::fmt::Display for Note {
    /// Name, octave and the nearest whole cent: `A4 +0 ¢`.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // As a whole number: text of those with a fraction would take a sixth of the whole module.
        let cents = whole(self.cents.round()).unwrap_or_default();
        write!(formatter, "{}{} {cents:+} ¢", self.name, self.octave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_piano_has_its_names() {
        // Key n of 88 is 440·2^((n − 49)/12) Hz; key 1 is A0, key 4 C1, key 88 C8.
        let mut names = NAMES.iter().cycle().skip(9);
        let mut octave = 0;
        for key in 1..=88 {
            let name = names.next().unwrap();
            if *name == "C" {
                octave += 1;
            }
            let note = Note::of(440.0 * 2f64.powf(f64::from(key - 49) / 12.0), 440.0).unwrap();
            assert_eq!((note.name, note.octave), (*name, octave), "key {key}");
            assert!(note.cents.abs() < 1e-9);
        }
        assert_eq!(octave, 8);
    }

    #[test]
    fn cents_lead_back_to_the_frequency() {
        for cents in [-49.0, -12.5, 0.0, 30.0, 49.0] {
            let note = Note::of(415.0 * 2f64.powf(cents / 1200.0), 415.0).unwrap();
            assert_eq!((note.name, note.octave), ("A", 4));
            assert!((note.cents - cents).abs() < 1e-9, "{cents} {}", note.cents);
        }
    }

    #[test]
    fn what_has_no_pitch_has_no_name() {
        for frequency_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Note::of(frequency_hz, 440.0), None);
        }
    }

    #[test]
    fn it_is_written_as_musicians_do() {
        let written = |frequency_hz| Note::of(frequency_hz, 440.0).unwrap().to_string();
        assert_eq!([440.0, 439.99, 1000.0, 8.0].map(written), ["A4 +0 ¢", "A4 +0 ¢", "B5 +21 ¢", "C-1 -38 ¢"]);
    }
}
