//! Damaged files: they end, soon, say why, and what is sound of them is played.

use std::time::{Duration, Instant};

use crate::material::{FRAMES, encode, has};
use crate::reading::{Decoded, assert_same, decode, decode_on, open};
use rusty_audio_codec::{Codec, CodecError};

/// One of each format.
const CASES: [(&str, &[&str]); 12] = [
    ("s16.wav", &["-c:a", "pcm_s16le"]),
    ("s16.aiff", &["-c:a", "pcm_s16be"]),
    ("s16.flac", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("ogg-flac.oga", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("alac-first.m4a", &["-c:a", "alac", "-sample_fmt", "s16p", "-movflags", "+faststart"]),
    ("vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
    ("untagged-cbr.mp3", &["-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0"]),
    ("stereo.ogg", &["-c:a", "libvorbis", "-q:a", "5"]),
    ("moov-first.m4a", &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0", "-movflags", "+faststart"]),
    (
        "fragmented.mp4",
        &[
            "-c:a",
            "aac",
            "-b:a",
            "128k",
            "-aac_pns",
            "0",
            "-movflags",
            "frag_keyframe+empty_moov",
            "-frag_duration",
            "1000000",
        ],
    ),
    ("stream.aac", &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ("celt.opus", &["-c:a", "libopus", "-b:a", "128k"]),
];

fn material() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let there = has("ffmpeg");
    CASES.iter().filter(move |_| there).map(|(name, arguments)| (*name, encode(name, 2, 44_100, arguments)))
}

fn random_bytes(count: usize, mut seed: u64) -> Vec<u8> {
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed.to_be_bytes()[0]
        })
        .collect()
}

/// The frames of `decoded` before its last `doubtful` are those of the sound file.
fn assert_prefix(name: &str, decoded: &Decoded, sound: &Decoded, doubtful: usize) {
    let frames = decoded.planes[0].len().saturating_sub(doubtful);
    let cut = |planes: &[Vec<f32>]| -> Vec<Vec<f32>> { planes.iter().map(|plane| plane[..frames].to_vec()).collect() };
    assert_same(name, &cut(&decoded.planes), &cut(&sound.planes));
}

#[test]
fn a_file_cut_in_the_middle_plays_to_the_cut() {
    for (name, bytes) in material() {
        let sound = decode(&bytes).unwrap();
        let cut = &bytes[..bytes.len() * 6 / 10];
        let decoded = decode(cut).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(matches!(decoded.end, CodecError::Truncated(_)), "{name}: {:?}", decoded.end);
        let share = decoded.planes[0].len() as f64 / sound.planes[0].len() as f64;
        assert!((0.45..0.75).contains(&share), "{name}: {share} of it was played");
        assert_prefix(name, &decoded, &sound, 0);
        // What is there can be sought.
        let mut codec = open(cut, true);
        codec.seek(30_000).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decode_on(&mut codec, 100).position, 30_000, "{name}");
    }
}

#[test]
fn a_damaged_place_costs_that_place_only() {
    for (name, bytes) in material() {
        let sound = decode(&bytes).unwrap();
        let mut damaged = bytes.clone();
        // Not the table of a fragment, whose loss costs all that follows.
        let fragment = bytes.windows(4).enumerate().filter(|(_, kind)| kind == b"mdat").nth(2);
        let middle = fragment.map_or(bytes.len() / 2, |(place, _)| place + 4000);
        damaged[middle..middle + 200].copy_from_slice(&random_bytes(200, 7));
        let decoded = decode(&damaged).unwrap();
        assert_eq!(decoded.end, CodecError::End, "{name}");
        // An ADTS or MP3 frame whose header is lost leaves no trace of its length.
        let lost = sound.planes[0].len().abs_diff(decoded.planes[0].len());
        assert!(lost <= 2 * 1152, "{name}: {lost} frames are lost");
        // A damaged page of Ogg may hold a second, and Symphonia dates the page behind a lost one too early.
        let tail_is_dated = !name.ends_with("opus");
        let eighth = sound.planes[0].len() / 8;
        for (start, end, shift) in [(0, eighth, 0), (7 * eighth, 7 * eighth + 1000, lost)] {
            for (ours, theirs) in decoded.planes.iter().zip(&sound.planes) {
                // Opus converges but does not forget.
                let same =
                    ours[start - shift..end - shift].iter().zip(&theirs[start..end]).all(|(a, b)| (a - b).abs() < 2e-3)
                        || (start > 0 && !tail_is_dated);
                assert!(same, "{name}: {start} to {end}");
            }
        }
    }
}

#[test]
fn random_bytes_after_a_valid_header_are_an_error_that_says_so() {
    for (name, bytes) in material() {
        // PCM has no way to tell; its samples are noise then.
        if name.ends_with("wav") || name.ends_with("aiff") {
            continue;
        }
        let sound = decode(&bytes).unwrap();
        for valid in [2, 10] {
            let valid = bytes.len() / valid;
            let mut file = bytes[..valid].to_vec();
            file.extend(random_bytes(bytes.len() + 2_000_000, 99));
            let start = Instant::now();
            match decode(&file) {
                Ok(decoded) => {
                    assert!(!matches!(decoded.end, CodecError::End | CodecError::Missing), "{name}: {:?}", decoded.end);
                    assert!(decoded.end.to_string().ends_with('.'), "{name}: {}", decoded.end);
                    // A few packets may decode from noise before the end is seen.
                    if name.ends_with("mp3") || name.ends_with("flac") || name.ends_with("ogg") {
                        assert_prefix(name, &decoded, &sound, 12_000);
                    }
                }
                Err(error) => assert!(!matches!(error, CodecError::End | CodecError::Missing), "{name}: {error}"),
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn files_that_are_none_are_refused() {
    let text = b"This is not music, it only has the name of it. ".repeat(3000);
    for (name, bytes) in [("empty", &b""[..]), ("one byte", b"R"), ("text", &text), ("zeros", &[0; 100_000])] {
        let error = decode(bytes).map(|_| ()).unwrap_err();
        assert!(matches!(error, CodecError::UnsupportedFormat(_)), "{name}: {error:?}");
    }
    let noise = decode(&random_bytes(300_000, 5)).map(|_| ()).unwrap_err();
    assert!(matches!(noise, CodecError::UnsupportedFormat(_)), "{noise:?}");
}

/// Where the length of the data chunk stands in ffmpeg's WAV file.
fn data_length_offset(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|window| window == b"data").unwrap() + 4
}

#[test]
fn a_wav_header_that_lies_about_its_length() {
    if !has("ffmpeg") {
        return;
    }
    let bytes = encode("lies.wav", 2, 44_100, &["-c:a", "pcm_s16le", "-fflags", "+bitexact"]);
    let sound = decode(&bytes).unwrap();
    let place = data_length_offset(&bytes);
    let with_length = |length: u32| {
        let mut file = bytes.clone();
        file[place..place + 4].copy_from_slice(&length.to_le_bytes());
        file
    };
    // What writers to a pipe leave: to the end of the file.
    for length in [0, 0xffff_ffff, 0x7fff_ffff, 0x7fff_ffff - 36, 0xffff_ff00] {
        let decoded = decode(&with_length(length)).unwrap();
        assert_same(&format!("length {length:#x}"), &decoded.planes, &sound.planes);
        assert_eq!(decoded.end, CodecError::End, "length {length:#x}");
        assert_eq!(decoded.description.frames, Some(FRAMES as u64));
    }
    let decoded = decode(&with_length(u32::try_from(FRAMES * 4 + 4000).unwrap())).unwrap();
    assert_same("too long", &decoded.planes, &sound.planes);
    assert_eq!(
        decoded.end,
        CodecError::Truncated(format!("The WAV header states {} frames, the file holds {FRAMES}.", FRAMES + 1000))
    );
    let decoded = decode(&with_length(4000)).unwrap();
    assert_eq!((decoded.planes[0].len(), decoded.end), (1000, CodecError::End));
    // A data chunk of no length that is really empty.
    let mut empty = with_length(0)[..place + 4].to_vec();
    empty.extend(b"LIST\x04\0\0\0INFO");
    assert_eq!(decode(&empty).unwrap().planes[0].len(), 0);
}

#[test]
fn compressed_wav_and_mp4_without_a_sound_we_know_name_what_they_hold() {
    if !has("ffmpeg") {
        return;
    }
    let cases: [(&str, &[&str], &str); 3] = [
        ("adpcm.wav", &["-c:a", "adpcm_ms"], "0x0002"),
        ("ac3.mp4", &["-c:a", "ac3"], "ac-3"),
        ("six.m4a", &["-c:a", "aac", "-ac", "6"], "AAC-LC with one or two channels"),
    ];
    for (name, arguments, word) in cases {
        match decode(&encode(name, 2, 44_100, arguments)) {
            Err(CodecError::UnsupportedCodec(sentence)) => {
                assert!(sentence.contains(word), "{name}: {sentence}")
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Random changes of headers and sound: no panic, no run-away. 3000 files in a release build.
#[test]
fn mutations_neither_panic_nor_run_away() {
    let rounds = if cfg!(debug_assertions) { 12 } else { 250 };
    let mut slowest = Duration::ZERO;
    for (name, bytes) in material() {
        // Half a second of it: the headers are a large part.
        let bytes =
            if name.ends_with("m4a") || name.ends_with("mp4") { bytes } else { bytes[..bytes.len() / 5].to_vec() };
        for round in 0..rounds {
            let seed = round as u64 * 7919 + bytes.len() as u64;
            let noise = random_bytes(64, seed);
            let mut mutated = bytes.clone();
            let changes = 1 + usize::from(noise[0] % 12);
            for change in 0..changes {
                let place = usize::from(u16::from_be_bytes([noise[1 + change * 3], noise[2 + change * 3]]));
                // Half of the changes near the start, where the headers are.
                let place = if change % 2 == 0 { place % 2048 } else { place * 7919 };
                let place = place % mutated.len();
                mutated[place] = noise[3 + change * 3];
            }
            if noise[40] < 64 {
                mutated.truncate(mutated.len() * usize::from(noise[41]) / 256);
            }
            let start = Instant::now();
            exercise(&mutated);
            slowest = slowest.max(start.elapsed());
            assert!(start.elapsed() < Duration::from_secs(30), "{name} round {round} took {:?}", start.elapsed());
        }
    }
    eprintln!("the slowest took {slowest:?}");
}

/// Decodes, seeks and indexes whatever it is; ends in any way but by panic.
fn exercise(bytes: &[u8]) {
    let mut codec = Codec::new(Box::new(crate::reading::Memory(bytes.to_vec())));
    if codec.open().is_err() {
        return;
    }
    let mut frames = 0;
    for _ in 0..20_000 {
        match codec.next() {
            Ok(packet) => frames += packet.frames(),
            Err(_) => break,
        }
        // A header may promise a day of silence.
        if frames > 2_000_000 {
            break;
        }
    }
    for target in [0, 20_000, 5_000, frames as u64, u64::MAX] {
        if codec.seek(target).is_ok() {
            for _ in 0..10 {
                if codec.next().is_err() {
                    break;
                }
            }
        }
    }
    while let Some(offset) = codec.index_next() {
        let start = usize::try_from(offset).unwrap();
        codec.index_feed(&bytes[start..(start + 50_000).min(bytes.len())]);
    }
    assert!(codec.description().unwrap().to_json().starts_with('{'));
}
