//! From the score to the finished sound.

use crate::chance::Chance;
use crate::instruments::{Note, bass, hat, keys, kick, lead, pad, snare};
use crate::score::{
    ARPEGGIO, BAR_S, BASS_LINE, BEAT_S, CHORDS, FADE_BEAT, FIRST_THEME, FIRST_THEME_BAR, MelodyNote, SECOND_THEME,
    SECOND_THEME_BAR, SILENCE_BEATS,
};
use crate::space::{ping_pong, reverberate};
use crate::stereo::{Stereo, frame_at};
use crate::{FRAMES, SAMPLE_RATE};

/// Bars of the two themes, in which bass and drums play.
fn is_theme(bar: usize) -> bool {
    (4..12).contains(&bar) || (13..21).contains(&bar)
}

/// The whole piece, left and right.
pub fn render() -> Stereo {
    let mut chance = Chance::new(0x4c61_6e74_6572_6e73);
    let mut pads = Stereo::silent();
    let mut piano = Stereo::silent();
    let mut low = Stereo::silent();
    let mut drums = Stereo::silent();
    let mut voice = Stereo::silent();

    for (bar, (bass_pitch, voicing)) in CHORDS.iter().enumerate() {
        let start_s = bar as f64 * BAR_S;
        let second = bar >= SECOND_THEME_BAR;
        for (index, pitch) in voicing.iter().enumerate() {
            let pan = index as f64 / 1.5 - 1.0;
            pad(
                &Note {
                    start_s,
                    held_s: BAR_S - 0.3,
                    pitch: f64::from(*pitch),
                    velocity: if second { 0.075 } else { 0.06 },
                    pan,
                },
                &mut pads,
            );
        }
        play_keys(bar, voicing, &mut chance, &mut piano);
        if is_theme(bar) {
            play_bass(bar, *bass_pitch, &mut chance, &mut low);
            play_drums(bar, &mut chance, &mut drums);
        } else if bar >= 12 {
            let held_s = if bar == 12 { 1.9 * BEAT_S } else { 3.8 * BEAT_S };
            bass(&Note { start_s, held_s, pitch: f64::from(*bass_pitch), velocity: 0.3, pan: 0.0 }, &mut low);
        }
    }
    kick(12.0 * BAR_S, 0.8, &mut drums);
    play_theme(&FIRST_THEME, FIRST_THEME_BAR, 0.13, &mut chance, &mut voice);
    play_theme(&SECOND_THEME, SECOND_THEME_BAR, 0.16, &mut chance, &mut voice);
    balance(&pads, &piano, &low, &drums, &voice)
}

fn play_keys(bar: usize, voicing: &[u8; 4], chance: &mut Chance, into: &mut Stereo) {
    for (step, (tone, octaves)) in ARPEGGIO.iter().enumerate() {
        let late_s = 0.008 * (chance.signed() + 1.0);
        keys(
            &Note {
                start_s: bar as f64 * BAR_S + step as f64 * BEAT_S / 2.0 + late_s,
                held_s: 0.3 * BEAT_S,
                pitch: f64::from(voicing[*tone] + 12 * octaves),
                velocity: if step % 4 == 0 { 0.24 } else { 0.17 } * (1.0 + 0.15 * chance.signed()),
                pan: 0.5 * libm::sin(step as f64 * 0.9 + bar as f64),
            },
            into,
        );
    }
}

fn play_bass(bar: usize, root: u8, chance: &mut Chance, into: &mut Stereo) {
    for (beat, beats, interval) in BASS_LINE {
        bass(
            &Note {
                start_s: bar as f64 * BAR_S + beat * BEAT_S,
                held_s: beats * BEAT_S,
                pitch: f64::from(root + interval),
                velocity: 0.3 * (1.0 + 0.08 * chance.signed()),
                pan: 0.0,
            },
            into,
        );
    }
}

fn play_drums(bar: usize, chance: &mut Chance, into: &mut Stereo) {
    let start_s = bar as f64 * BAR_S;
    for beat in [0.0, 1.5, 2.0, 3.25] {
        let ghost = beat == 1.5 || beat == 3.25;
        kick(start_s + beat * BEAT_S, if ghost { 0.5 } else { 0.8 }, into);
    }
    for beat in [1.0, 3.0] {
        snare(start_s + beat * BEAT_S, 0.36 * (1.0 + 0.1 * chance.signed()), chance, into);
    }
    let fill = bar == 11 || bar == 20;
    if fill {
        for sixteenth in 12_u32..16 {
            snare(start_s + f64::from(sixteenth) * BEAT_S / 4.0, 0.08 * f64::from(sixteenth - 10), chance, into);
        }
    }
    for eighth in 0..8 {
        let swing_s = if eighth % 2 == 1 { 0.09 * BEAT_S } else { 0.0 };
        let length_s = if eighth == 7 { 0.22 } else { 0.06 };
        let velocity = if eighth % 2 == 0 { 0.13 } else { 0.08 } * (1.0 + 0.2 * chance.signed());
        hat(start_s + f64::from(eighth) * BEAT_S / 2.0 + swing_s, length_s, velocity, chance, into);
    }
}

fn play_theme(theme: &[MelodyNote], bar: usize, velocity: f64, chance: &mut Chance, into: &mut Stereo) {
    for (beat, beats, pitch) in theme {
        lead(
            &Note {
                start_s: bar as f64 * BAR_S + beat * BEAT_S + 0.006 * (chance.signed() + 1.0),
                held_s: beats * BEAT_S,
                pitch: f64::from(*pitch),
                velocity: velocity * (1.0 + 0.1 * chance.signed()),
                pan: -0.12,
            },
            into,
        );
    }
}

fn balance(pads: &Stereo, piano: &Stereo, low: &Stereo, drums: &Stereo, voice: &Stereo) -> Stereo {
    let mut send = Stereo::silent();
    for (part, gain) in [(pads, 0.5), (piano, 0.5), (drums, 0.12), (voice, 0.6)] {
        send.add_scaled(part, gain);
    }
    let mut echoed = Stereo::silent();
    echoed.add_scaled(voice, 1.0);
    echoed.add_scaled(piano, 0.35);
    let echoes = ping_pong(&echoed, 0.75 * BEAT_S, 0.45);
    send.add_scaled(&echoes, 0.3);
    let hall = reverberate(&send, 2.4);

    let mut master = Stereo::silent();
    for (part, gain) in
        [(pads, 0.9), (piano, 0.8), (low, 0.85), (drums, 0.75), (voice, 0.95), (&echoes, 0.33), (&hall, 0.4)]
    {
        master.add_scaled(part, gain);
    }
    for plane in [&mut master.left, &mut master.right] {
        for (frame, sample) in plane.iter_mut().enumerate() {
            // Saturates softly and stays 1 dB below full scale, so that lossy codecs have room.
            *sample = 0.89 * libm::tanh(1.25 * *sample * master_gain(frame));
        }
    }
    master
}

/// The break's silence and the final fade; both by squared half cosines, which end at exactly 0.
fn master_gain(frame: usize) -> f64 {
    let smooth = |x: f64| {
        let half = 0.5 + 0.5 * libm::cos(core::f64::consts::PI * x.clamp(0.0, 1.0));
        half * half
    };
    let (silent, sounding) = (frame_at(SILENCE_BEATS.0 * BEAT_S), frame_at(SILENCE_BEATS.1 * BEAT_S));
    let ramp = frame_at(0.12);
    if (silent..sounding).contains(&frame) {
        return 0.0;
    }
    if (silent - ramp..silent).contains(&frame) {
        return smooth(1.0 - (silent - frame) as f64 / ramp as f64);
    }
    let fade = frame_at(FADE_BEAT * BEAT_S);
    // The last 0.2 s are silence.
    let end = FRAMES - SAMPLE_RATE as usize / 5;
    if frame < fade {
        return 1.0;
    }
    smooth((frame - fade) as f64 / (end - fade) as f64)
}
