//! A seek must give what the linear decode gave there.

use crate::material::{encode, has};
use crate::reading::{assert_same, decode, decode_on, open};
use rusty_audio_codec::CodecError;

/// All by ffmpeg. AAC without noise substitution, whose random numbers depend on the past.
const CASES: [(&str, usize, &[&str]); 17] = [
    ("s24.wav", 2, &["-c:a", "pcm_s24le"]),
    ("s16.aiff", 2, &["-c:a", "pcm_s16be"]),
    ("s16.flac", 2, &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("ogg-flac.oga", 2, &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("alac.m4a", 2, &["-c:a", "alac", "-sample_fmt", "s16p"]),
    ("cbr.mp3", 2, &["-c:a", "libmp3lame", "-b:a", "128k"]),
    ("vbr.mp3", 2, &["-c:a", "libmp3lame", "-q:a", "2"]),
    ("low.mp3", 1, &["-c:a", "libmp3lame", "-b:a", "16k", "-ar", "22050"]),
    ("untagged-vbr.mp3", 2, &["-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0"]),
    ("stereo.ogg", 2, &["-c:a", "libvorbis", "-q:a", "5"]),
    ("six.ogg", 6, &["-c:a", "libvorbis", "-q:a", "3"]),
    ("moov-last.m4a", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ("moov-first.m4a", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0", "-movflags", "+faststart"]),
    ("22k.m4a", 2, &["-c:a", "aac", "-b:a", "64k", "-aac_pns", "0", "-ar", "22050"]),
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
    ("no-table.flac", 2, &["-c:a", "flac", "-sample_fmt", "s16", "-compression_level", "0"]),
];

#[test]
fn forty_targets_are_hit_exactly() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in CASES {
        let bytes = encode(name, channels, 44_100, arguments);
        let linear = decode(&bytes).unwrap().planes;
        let frames = linear[0].len();
        let mut codec = open(&bytes, true);
        let mut random = 12_345_u64;
        let edges = [0, 1, frames - 1, frames / 2];
        for round in 0..40 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let any = usize::try_from(random >> 33).unwrap() % frames;
            let target = edges.get(round).copied().unwrap_or(any);
            codec.seek(target as u64).unwrap_or_else(|error| panic!("{name} to {target}: {error}"));
            assert!(codec.is_seek_exact() && codec.landing_offset() == Some(0), "{name}");
            let wanted = 3000.min(frames - target);
            let found = decode_on(&mut codec, wanted);
            assert_eq!(found.position, target as u64, "{name}");
            assert!(found.planes[0].len() >= wanted, "{name} to {target}: {} frames", found.planes[0].len());
            let cut = |planes: &[Vec<f32>], start: usize| -> Vec<Vec<f32>> {
                planes.iter().map(|plane| plane[start..start + wanted].to_vec()).collect()
            };
            assert_same(&format!("{name} at {target}"), &cut(&found.planes, 0), &cut(&linear, target));
        }
        assert_eq!(codec.skipped_packets(), 0, "{name}");
    }
}

#[test]
fn beyond_the_end_there_is_the_end_and_the_way_back() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in CASES {
        let bytes = encode(name, channels, 44_100, arguments);
        let frames = decode(&bytes).unwrap().planes[0].len() as u64;
        let mut codec = open(&bytes, true);
        for target in [frames, frames + 1_000_000, u64::MAX] {
            codec.seek(target).unwrap();
            let found = decode_on(&mut codec, usize::MAX);
            // A fragmented file does not tell its length.
            assert!(found.planes[0].is_empty(), "{name}: {} frames at {target}", found.planes[0].len());
            assert_eq!(found.end, CodecError::End, "{name}");
        }
        codec.seek(frames - 100).unwrap();
        assert_eq!(decode_on(&mut codec, usize::MAX).planes[0].len(), 100, "{name}");
    }
}
