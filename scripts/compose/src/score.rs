//! The score: 24 bars of 4/4 in D minor, at 96 beats per minute.
//!
//! | bars | |
//! |---|---|
//! | 0-3 | introduction: pad and keys |
//! | 4-11 | first theme, with bass and drums |
//! | 12 | break: everything stops on the third beat |
//! | 13-20 | second theme |
//! | 21-23 | close in D major, fading |
//!
//! Pitches are MIDI note numbers: 60 is middle C, 69 is A at 440 Hz.

/// Length of a beat.
pub const BEAT_S: f64 = 0.625;

/// Length of a bar.
pub const BAR_S: f64 = 4.0 * BEAT_S;

/// Where the break falls silent and where the second theme sets in, in beats from the start.
pub const SILENCE_BEATS: (f64, f64) = (50.25, 52.0);

/// Where the final fade begins, in beats from the start.
pub const FADE_BEAT: f64 = 90.0;

/// The chords, a bar each: bass note, then the voicing of pad and keys.
pub const CHORDS: [(u8, [u8; 4]); 24] = [
    (38, [57, 60, 64, 65]), // Dm9
    (34, [57, 60, 62, 65]), // B flat major 9
    (31, [57, 58, 62, 65]), // Gm9
    (33, [57, 59, 62, 64]), // A7 sus4
    (38, [57, 60, 64, 65]), // Dm9
    (34, [57, 60, 62, 65]), // B flat major 9
    (29, [57, 60, 64, 67]), // F major 9
    (36, [55, 57, 62, 64]), // C 6/9
    (31, [57, 58, 62, 65]), // Gm9
    (29, [57, 60, 62, 65]), // Dm7 over F
    (27, [55, 58, 62, 69]), // E flat major 7, sharp 11
    (33, [55, 58, 61, 64]), // A7 flat 9
    (38, [57, 60, 64, 65]), // Dm9, cut off
    (34, [57, 60, 62, 65]), // B flat major 9
    (36, [55, 60, 62, 64]), // C add 9
    (33, [55, 60, 64, 67]), // Am7
    (38, [57, 60, 64, 65]), // Dm9
    (31, [58, 62, 65, 69]), // Gm9
    (36, [58, 60, 65, 67]), // C7 sus4
    (29, [57, 60, 64, 67]), // F major 9
    (33, [55, 58, 61, 67]), // A7 flat 9
    (38, [57, 61, 64, 66]), // D major 9
    (38, [57, 62, 64, 66]), // D add 9
    (38, [57, 61, 64, 66]), // D major 9
];

/// A note of the melody: beat from the start of its theme, length in beats, pitch.
pub type MelodyNote = (f64, f64, u8);

/// Bar in which the first theme begins.
pub const FIRST_THEME_BAR: usize = 4;

/// The first theme.
pub const FIRST_THEME: [MelodyNote; 27] = [
    (0.0, 1.5, 69),
    (1.5, 0.5, 74),
    (2.0, 1.0, 76),
    (3.0, 1.0, 77),
    (4.0, 2.0, 74),
    (6.5, 0.5, 72),
    (7.0, 1.0, 69),
    (8.0, 1.5, 67),
    (9.5, 0.5, 69),
    (10.0, 1.0, 72),
    (11.0, 1.0, 76),
    (12.0, 3.0, 74),
    (16.0, 1.5, 70),
    (17.5, 0.5, 74),
    (18.0, 1.0, 77),
    (19.0, 1.0, 81),
    (20.0, 2.0, 77),
    (22.0, 0.5, 76),
    (22.5, 0.5, 74),
    (23.0, 1.0, 72),
    (24.0, 1.5, 74),
    (25.5, 0.5, 79),
    (26.0, 2.0, 81),
    (28.0, 1.0, 79),
    (29.0, 1.0, 76),
    (30.0, 2.0, 73),
    (32.0, 2.0, 74),
];

/// Bar in which the second theme begins.
pub const SECOND_THEME_BAR: usize = 13;

/// The second theme, up to the last note of the piece.
pub const SECOND_THEME: [MelodyNote; 33] = [
    (0.0, 1.0, 77),
    (1.0, 0.5, 81),
    (1.5, 1.5, 84),
    (3.0, 1.0, 81),
    (4.0, 2.0, 79),
    (6.0, 1.0, 76),
    (7.0, 1.0, 79),
    (8.0, 1.0, 76),
    (9.0, 0.5, 79),
    (9.5, 1.5, 84),
    (11.0, 1.0, 83),
    (12.0, 3.0, 81),
    (15.0, 0.5, 77),
    (15.5, 0.5, 76),
    (16.0, 1.0, 74),
    (17.0, 0.5, 77),
    (17.5, 1.5, 82),
    (19.0, 1.0, 81),
    (20.0, 1.5, 79),
    (21.5, 0.5, 77),
    (22.0, 1.0, 74),
    (23.0, 1.0, 76),
    (24.0, 1.0, 72),
    (25.0, 1.0, 76),
    (26.0, 1.0, 79),
    (27.0, 1.0, 81),
    (28.0, 1.0, 82),
    (29.0, 1.0, 79),
    (30.0, 1.0, 76),
    (31.0, 1.0, 73),
    (32.0, 3.5, 74),
    (36.0, 1.0, 78),
    (37.0, 5.0, 81),
];

/// The order in which the keys break a chord, in eighth notes: index into the voicing, octaves up.
pub const ARPEGGIO: [(usize, u8); 8] = [(0, 0), (2, 0), (1, 1), (3, 0), (2, 1), (3, 0), (1, 0), (2, 0)];

/// The bass line of a bar: beat, length in beats, semitones above the chord's bass note.
pub const BASS_LINE: [(f64, f64, u8); 5] = [(0.0, 1.4, 0), (1.5, 0.4, 0), (2.0, 0.9, 7), (3.0, 0.4, 12), (3.5, 0.4, 7)];
