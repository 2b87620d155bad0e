//! Opus against libopus, in each of its modes.

use crate::material::{encode, has, reference, run, write};
use crate::reading::{compare, decode, decode_on, open};
use rusty_audio_codec::CodecError;

/// opusenc's options and channels. SILK: speech at low rates; hybrid: speech at middle rates; CELT: music.
const CASES: [(&str, usize, &[&str]); 14] = [
    ("speech-8-mono", 1, &["--speech", "--bitrate", "8"]),
    ("speech-12-mono", 1, &["--speech", "--bitrate", "12"]),
    ("speech-16-mono", 1, &["--speech", "--bitrate", "16"]),
    ("speech-24-mono", 1, &["--speech", "--bitrate", "24"]),
    ("speech-16", 2, &["--speech", "--bitrate", "16"]),
    ("speech-24", 2, &["--speech", "--bitrate", "24"]),
    ("speech-32", 2, &["--speech", "--bitrate", "32"]),
    ("speech-40-long", 2, &["--speech", "--bitrate", "40", "--framesize", "60"]),
    ("music-24", 2, &["--music", "--bitrate", "24"]),
    ("music-64", 2, &["--music", "--bitrate", "64"]),
    ("music-128", 2, &["--music", "--bitrate", "128"]),
    ("music-128-short", 2, &["--music", "--bitrate", "128", "--framesize", "2.5"]),
    ("music-96-mono", 1, &["--music", "--bitrate", "96"]),
    ("any-48", 2, &["--bitrate", "48"]),
];

/// The decoder computes in fixed point, as libopus may, and puts out 16 bits; the reference computes in floating
/// point. 65 dB below the signal is where the fixed-point build of libopus itself stands.
const LEAST_RATIO_DB: f64 = 65.0;

fn encoded(name: &str, channels: usize, options: &[&str]) -> Vec<u8> {
    let wav = encode(&format!("opus-{channels}.wav"), channels, 48_000, &["-c:a", "pcm_s16le"]);
    let wav = write(&format!("for-{name}.wav"), &wav);
    let path = write(&format!("{name}.opus"), b"");
    let mut arguments = vec!["--quiet"];
    arguments.extend_from_slice(options);
    arguments.extend_from_slice(&[&wav, &path]);
    run("opusenc", &arguments);
    std::fs::read(path).unwrap()
}

#[test]
fn every_mode_is_near_libopus() {
    if !has("ffmpeg") || !has("opusenc") {
        return;
    }
    let mut worst = f64::INFINITY;
    for (name, channels, options) in CASES {
        let bytes = encoded(name, channels, options);
        let decoded = decode(&bytes).unwrap();
        assert_eq!((decoded.end, decoded.skipped_packets), (CodecError::End, 0), "{name}");
        let path = write(&format!("{name}.opus"), &bytes);
        let float = write(&format!("{name}-decoded.wav"), b"");
        run("opusdec", &["--quiet", "--float", &path, &float]);
        let expected = reference(name, &std::fs::read(float).unwrap(), channels, &[]);
        assert_eq!(decoded.planes[0].len(), crate::material::FRAMES, "{name}");
        let (largest, ratio) = compare(&decoded.planes, &expected);
        eprintln!("{name}: largest difference {largest:e}, {ratio:.1} dB");
        worst = worst.min(ratio);
    }
    assert!(worst > LEAST_RATIO_DB, "{worst:.1} dB");
}

/// Six and eight channels in mapping family 1, whose order is not that of the planes.
#[test]
fn surround_is_in_the_order_of_its_names() {
    if !has("ffmpeg") || !has("opusdec") {
        return;
    }
    for (name, channels) in [("five-one", 6), ("seven-one", 8)] {
        let bytes = encode(
            &format!("{name}.opus"),
            channels,
            48_000,
            &["-c:a", "libopus", "-b:a", "256k", "-mapping_family", "1"],
        );
        let decoded = decode(&bytes).unwrap();
        let path = write(&format!("{name}.opus"), &bytes);
        let float = write(&format!("{name}-decoded.wav"), b"");
        run("opusdec", &["--quiet", "--float", "--force-wav", &path, &float]);
        let expected = reference(name, &std::fs::read(float).unwrap(), channels, &[]);
        for channel in 0..channels {
            let (largest, ratio) = compare(&decoded.planes[channel..=channel], &expected[channel..=channel]);
            eprintln!("{name} channel {channel}: largest difference {largest:e}, {ratio:.1} dB");
            assert!(ratio > LEAST_RATIO_DB, "{name} channel {channel}: {ratio:.1} dB");
        }
    }
}

/// After its preroll a decoder has converged, though not to the last bit.
#[test]
fn a_seek_is_near_the_linear_decode_and_exactly_placed() {
    if !has("ffmpeg") || !has("opusenc") {
        return;
    }
    for (name, channels, options) in [CASES[2], CASES[6], CASES[10]] {
        let bytes = encoded(name, channels, options);
        let linear = decode(&bytes).unwrap().planes;
        let mut codec = open(&bytes, true);
        for target in [0, 1, 100_003, 47_999, 150_000, 12_345] {
            codec.seek(target as u64).unwrap();
            let found = decode_on(&mut codec, 4000);
            assert_eq!(found.position, target as u64, "{name}");
            let expected: Vec<Vec<f32>> = linear.iter().map(|plane| plane[target..target + 4000].to_vec()).collect();
            let (largest, ratio) = compare(&found.planes, &expected);
            eprintln!("{name} at {target}: {ratio:.1} dB");
            assert!(ratio > 30.0, "{name} at {target}: {ratio:.1} dB, largest difference {largest:e}");
        }
    }
}
