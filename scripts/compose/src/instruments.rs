//! The instruments. Each adds one note or stroke to a signal.

use core::f64::consts::TAU;

use crate::chance::Chance;
use crate::stereo::Stereo;

/// Frequency of a MIDI note number.
fn frequency_hz(pitch: f64) -> f64 {
    440.0 * libm::exp2((pitch - 69.0) / 12.0)
}

/// Rises to 1 within `attack_s`, stays, and falls to 0 within `release_s` after `held_s`; half cosines.
fn envelope(time_s: f64, attack_s: f64, held_s: f64, release_s: f64) -> f64 {
    let rise = (time_s / attack_s).min(1.0);
    let fall = (1.0 - (time_s - held_s).max(0.0) / release_s).max(0.0);
    let smooth = |x: f64| 0.5 - 0.5 * libm::cos(x * TAU / 2.0);
    smooth(rise) * smooth(fall)
}

/// What every pitched note has.
pub struct Note {
    /// When it sounds.
    pub start_s: f64,
    /// How long it is held.
    pub held_s: f64,
    /// MIDI note number; fractions detune.
    pub pitch: f64,
    /// Amplitude, about 0 to 1.
    pub velocity: f64,
    /// -1 is left, 1 is right.
    pub pan: f64,
}

/// A slow chord tone: five harmonics, each a detuned pair, opening and closing with the note.
pub fn pad(note: &Note, into: &mut Stereo) {
    let base = frequency_hz(note.pitch);
    for (detune, side) in [(-0.06, -0.7), (0.05, 0.7)] {
        let hz = base * libm::exp2(detune / 12.0);
        into.add(note.start_s, note.held_s + 1.2, note.pan * 0.3 + side, |t| {
            let bright = 0.35 + 0.25 * libm::sin(TAU * t / (note.held_s + 1.2) / 2.0);
            let mut sample = 0.0;
            let mut level = 1.0;
            for harmonic in 1..=5 {
                sample += level * libm::sin(TAU * hz * f64::from(harmonic) * t + f64::from(harmonic) * side);
                level *= bright;
            }
            0.5 * note.velocity * sample * envelope(t, 0.5, note.held_s, 1.2)
        });
    }
}

/// An electric piano: a modulator at the carrier's pitch for the body, one at 14 times for the tine.
pub fn keys(note: &Note, into: &mut Stereo) {
    let hz = frequency_hz(note.pitch);
    into.add(note.start_s, note.held_s + 1.6, note.pan, |t| {
        let decay = libm::exp(-t * 1.6);
        let tine = 0.5 * note.velocity * libm::exp(-t * 14.0) * libm::sin(TAU * 14.0 * hz * t);
        let body = 1.1 * note.velocity * decay * libm::sin(TAU * hz * t);
        note.velocity * decay * libm::sin(TAU * hz * t + body + tine) * envelope(t, 0.003, note.held_s + 0.2, 1.4)
    });
}

/// A round bass: fundamental, a second harmonic that dies away, soft saturation.
pub fn bass(note: &Note, into: &mut Stereo) {
    let hz = frequency_hz(note.pitch);
    into.add(note.start_s, note.held_s + 0.12, note.pan, |t| {
        let phase = TAU * hz * t;
        let raw = libm::sin(phase)
            + 0.5 * libm::exp(-t * 5.0) * libm::sin(2.0 * phase)
            + 0.2 * libm::exp(-t * 9.0) * libm::sin(3.0 * phase);
        note.velocity * libm::tanh(1.4 * raw) * envelope(t, 0.006, note.held_s, 0.12)
    });
}

/// The singing voice of the melody: two operators and a vibrato that sets in late.
pub fn lead(note: &Note, into: &mut Stereo) {
    let hz = frequency_hz(note.pitch);
    let mut phase = 0.0;
    into.add(note.start_s, note.held_s + 0.35, note.pan, |t| {
        let vibrato = 0.004 * (t / 0.6).min(1.0) * libm::sin(TAU * 5.3 * t);
        phase += TAU * hz * (1.0 + vibrato) / f64::from(crate::SAMPLE_RATE);
        let index = 0.9 + 0.8 * libm::exp(-t * 6.0);
        let sample = libm::sin(phase + index * libm::sin(phase)) + 0.15 * libm::sin(2.0 * phase);
        note.velocity * sample * envelope(t, 0.025, note.held_s * 0.92, 0.35)
    });
}

/// A kick drum: a sine that falls from 150 Hz to 48 Hz.
pub fn kick(start_s: f64, velocity: f64, into: &mut Stereo) {
    into.add(start_s, 0.45, 0.0, |t| {
        // The integral of 48 + 102 exp(-t / 0.035) Hz.
        let phase = TAU * (48.0 * t + 102.0 * 0.035 * (1.0 - libm::exp(-t / 0.035)));
        velocity * libm::sin(phase) * libm::exp(-t * 7.5) * envelope(t, 0.001, 0.35, 0.1)
    });
}

/// A snare drum: two modes of the skin and band-limited noise.
pub fn snare(start_s: f64, velocity: f64, chance: &mut Chance, into: &mut Stereo) {
    let mut low = 0.0;
    let mut high = 0.0;
    into.add(start_s, 0.3, 0.1, |t| {
        let white = chance.signed();
        // One-pole low-passes at about 6 kHz and 700 Hz; their difference is the band between.
        low += 0.57 * (white - low);
        high += 0.095 * (low - high);
        let skin = libm::sin(TAU * 185.0 * t) + 0.6 * libm::sin(TAU * 331.0 * t);
        let sample = 1.5 * (low - high) * libm::exp(-t * 16.0) + 0.45 * skin * libm::exp(-t * 26.0);
        velocity * sample * envelope(t, 0.0008, 0.2, 0.1)
    });
}

/// A closed hi-hat: noise above about 7 kHz, `length_s` long.
pub fn hat(start_s: f64, length_s: f64, velocity: f64, chance: &mut Chance, into: &mut Stereo) {
    let mut low = 0.0;
    let pan = 0.35 + 0.05 * chance.signed();
    into.add(start_s, length_s, pan, |t| {
        let white = chance.signed();
        low += 0.63 * (white - low);
        velocity * (white - low) * libm::exp(-t * 4.5 / length_s) * envelope(t, 0.0005, length_s * 0.7, length_s * 0.3)
    });
}
