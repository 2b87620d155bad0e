//! Bytes that come late change nothing but the time.

use crate::material::{encode, has};
use crate::reading::{Blocks, assert_same, decode, decode_on, decode_source, feed_index, insist};
use rusty_audio_codec::Codec;

const CASES: [(&str, usize, &[&str]); 11] = [
    ("s16.wav", 2, &["-c:a", "pcm_s16le"]),
    ("s16.aiff", 2, &["-c:a", "pcm_s16be"]),
    ("s16.flac", 2, &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("ogg-flac.oga", 2, &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("alac.m4a", 2, &["-c:a", "alac", "-sample_fmt", "s16p"]),
    ("vbr.mp3", 2, &["-c:a", "libmp3lame", "-q:a", "2"]),
    ("stereo.ogg", 2, &["-c:a", "libvorbis", "-q:a", "5"]),
    ("moov-last.m4a", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    (
        "fragmented.mp4",
        2,
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
    ("stream.aac", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ("celt.opus", 2, &["-c:a", "libopus", "-b:a", "128k"]),
];

#[test]
fn every_block_missing_once_gives_the_same_samples() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in CASES {
        let bytes = encode(name, channels, 44_100, arguments);
        let all_there = decode(&bytes).unwrap();
        for (block_bytes, most_held) in [(4096, 16), (10_007, 2)] {
            let source = Blocks::new(bytes.clone(), block_bytes, most_held);
            let blocks = bytes.len().div_ceil(block_bytes);
            let decoded = decode_source(Box::new(source)).unwrap();
            let name = format!("{name} in blocks of {block_bytes}");
            assert!(decoded.missed >= 5 && blocks > 5, "{name}: {} misses", decoded.missed);
            assert_eq!(decoded.end, all_there.end, "{name}");
            // Opus converges after a restart, but not to the last bit.
            if name.contains("opus") {
                assert_eq!(decoded.planes[0].len(), all_there.planes[0].len(), "{name}");
                let (largest, ratio) = crate::reading::compare(&decoded.planes, &all_there.planes);
                assert!(ratio > 60.0, "{name}: {ratio:.1} dB, {largest}");
            } else {
                assert_same(&name, &decoded.planes, &all_there.planes);
            }
        }
    }
}

#[test]
fn seeks_with_every_block_missing_hit_exactly() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in CASES.iter().take(10) {
        let bytes = encode(name, *channels, 44_100, arguments);
        let linear = decode(&bytes).unwrap().planes;
        let mut codec = Codec::new(Box::new(Blocks::new(bytes.clone(), 5000, 3)));
        let mut missed = 0;
        insist(&mut missed, || codec.open()).unwrap();
        feed_index(&mut codec, &bytes, 3333);
        for target in [150_000, 90_000, 7, 120_001] {
            insist(&mut missed, || codec.seek(target as u64)).unwrap();
            let found = decode_on(&mut codec, 1500);
            assert_eq!(found.position, target as u64, "{name}");
            let cut = |planes: &[Vec<f32>], start: usize| -> Vec<Vec<f32>> {
                planes.iter().map(|plane| plane[start..start + 1500].to_vec()).collect()
            };
            assert_same(&format!("{name} at {target}"), &cut(&found.planes, 0), &cut(&linear, target));
        }
        assert!(missed > 0, "{name}");
    }
}

/// A source of unknown length is read from start to end, and not sought.
#[test]
fn an_unknown_length_plays() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in CASES {
        if name == "moov-last.m4a" || name == "alac.m4a" {
            // Their table is at the end.
            continue;
        }
        let bytes = encode(name, channels, 44_100, arguments);
        let mut source = Blocks::new(bytes.clone(), 64 * 1024, 64);
        source.is_length_known = false;
        let decoded = decode_source(Box::new(source)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = decode(&bytes).unwrap().planes;
        // The end of Ogg's first page is not known without a look at the last.
        assert!(decoded.planes[0].len().abs_diff(expected[0].len()) <= 1, "{name}: {}", decoded.planes[0].len());
        assert_eq!(decoded.description.seek, rusty_audio_codec::SeekKind::None, "{name}");
    }
}
