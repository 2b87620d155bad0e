//! Lossless formats: ffmpeg's samples bit for bit.

use crate::material::{FRAMES, encode, has, reference, run, write};
use crate::reading::{Blocks, assert_same, decode, decode_on, decode_source, open};
use rusty_audio_codec::{CodecError, SeekKind};

/// Name, channels, container and codec as described, ffmpeg's arguments.
const CASES: [(&str, usize, &str, &str, &[&str]); 24] = [
    ("u8.wav", 2, "WAV", "PCM 8-bit", &["-c:a", "pcm_u8"]),
    ("s16.wav", 2, "WAV", "PCM 16-bit", &["-c:a", "pcm_s16le"]),
    ("s16-mono.wav", 1, "WAV", "PCM 16-bit", &["-c:a", "pcm_s16le"]),
    ("s24.wav", 2, "WAV", "PCM 24-bit", &["-c:a", "pcm_s24le"]),
    ("s32.wav", 2, "WAV", "PCM 32-bit", &["-c:a", "pcm_s32le"]),
    ("f32.wav", 2, "WAV", "PCM 32-bit float", &["-c:a", "pcm_f32le"]),
    ("f64.wav", 2, "WAV", "PCM 64-bit float", &["-c:a", "pcm_f64le"]),
    ("s24-6.wav", 6, "WAV", "PCM 24-bit", &["-c:a", "pcm_s24le"]),
    ("s16-8.wav", 8, "WAV", "PCM 16-bit", &["-c:a", "pcm_s16le"]),
    ("rf64.wav", 2, "RF64", "PCM 16-bit", &["-c:a", "pcm_s16le", "-rf64", "always"]),
    ("s16.aiff", 2, "AIFF", "PCM 16-bit", &["-c:a", "pcm_s16be"]),
    ("s24.aiff", 2, "AIFF", "PCM 24-bit", &["-c:a", "pcm_s24be"]),
    ("s32.aiff", 1, "AIFF", "PCM 32-bit", &["-c:a", "pcm_s32be"]),
    ("s8.aiff", 2, "AIFF", "PCM 8-bit", &["-c:a", "pcm_s8"]),
    ("sowt.aiff", 2, "AIFF", "PCM 16-bit", &["-c:a", "pcm_s16le"]),
    ("f32.aiff", 2, "AIFF", "PCM 32-bit float", &["-c:a", "pcm_f32be"]),
    ("s16.flac", 2, "FLAC", "FLAC", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("s24.flac", 2, "FLAC", "FLAC", &["-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"]),
    ("mono.flac", 1, "FLAC", "FLAC", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("six.flac", 6, "FLAC", "FLAC", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("ogg-flac.oga", 2, "Ogg", "FLAC", &["-c:a", "flac", "-sample_fmt", "s16"]),
    ("alac.m4a", 2, "MP4", "ALAC", &["-c:a", "alac", "-sample_fmt", "s16p"]),
    ("alac24.m4a", 2, "MP4", "ALAC", &["-c:a", "alac", "-sample_fmt", "s32p"]),
    ("alac-mono.m4a", 1, "MP4", "ALAC", &["-c:a", "alac", "-sample_fmt", "s16p"]),
];

#[test]
fn samples_are_those_of_ffmpeg() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, container, codec, arguments) in CASES {
        let bytes = encode(name, channels, 44_100, arguments);
        let decoded = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_same(name, &decoded.planes, &reference(name, &bytes, channels, &[]));
        assert_eq!(decoded.end, CodecError::End, "{name}");
        assert_eq!(decoded.skipped_packets, 0, "{name}");
        let description = decoded.description;
        assert_eq!((description.container, description.codec.as_str()), (container, codec), "{name}");
        assert_eq!((description.channels, description.sample_rate), (channels, 44_100), "{name}");
        assert_eq!((description.frames, description.frames_exact), (Some(FRAMES as u64), true), "{name}");
        assert!(description.gapless && description.seek == SeekKind::Exact, "{name}");
        let expected = match channels {
            1 => vec!["FC"],
            2 => vec!["FL", "FR"],
            6 => vec!["FL", "FR", "FC", "LFE", "BL", "BR"],
            _ => vec!["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"],
        };
        assert_eq!(description.channel_positions, expected, "{name}");
    }
}

#[test]
fn files_of_the_reference_encoder_of_flac() {
    if !has("ffmpeg") || !has("flac") {
        return;
    }
    let source = encode("flac-source.wav", 2, 44_100, &["-c:a", "pcm_s24le"]);
    let expected = reference("flac-source.wav", &source, 2, &[]);
    let wav = write("for-flac.wav", &source);
    for (name, options) in [
        ("best", &["-8"][..]),
        ("fast", &["-0"]),
        ("no-seek-table", &["-5", "--no-seektable"]),
        ("blocks", &["--blocksize=1000", "-5"]),
    ] {
        let path = write(&format!("{name}.flac"), b"");
        let mut arguments = vec!["-f", "-s", "-o", &path];
        arguments.extend_from_slice(options);
        arguments.push(&wav);
        run("flac", &arguments);
        assert_same(name, &decode(&std::fs::read(&path).unwrap()).unwrap().planes, &expected);
    }
}

/// The speaker layout is in the mask of WAVE_FORMAT_EXTENSIBLE.
#[test]
fn the_side_layout_of_six_channels_is_told_from_the_back_layout() {
    if !has("ffmpeg") {
        return;
    }
    let bytes = encode("side.wav", 6, 44_100, &["-c:a", "pcm_s16le", "-af", "aformat=channel_layouts=5.1(side)"]);
    let description = decode(&bytes).unwrap().description;
    assert_eq!(description.channel_positions, ["FL", "FR", "FC", "LFE", "SL", "SR"]);
}

/// Pictures are not read: they are neither fetched nor held.
#[test]
fn pictures_in_tags_do_not_matter() {
    if !has("ffmpeg") {
        return;
    }
    let expected = decode(&encode("s16.flac", 2, 44_100, &["-c:a", "flac", "-sample_fmt", "s16"])).unwrap().planes;
    let flac = encode("s16.flac", 2, 44_100, &["-c:a", "flac", "-sample_fmt", "s16"]);
    // STREAMINFO has 34 bytes; a picture of 3 MB behind it.
    let mut with_picture = flac[..42].to_vec();
    with_picture.extend([6, 0x30, 0, 0]);
    with_picture.resize(with_picture.len() + 0x30_0000, 0xff);
    with_picture.extend_from_slice(&flac[42..]);
    let decoded = decode_source(Box::new(Blocks::new(with_picture, 64 * 1024, 8))).unwrap();
    assert_same("picture", &decoded.planes, &expected);
    assert!(decoded.missed < 30, "{} blocks were missed: the picture's among them", decoded.missed);
}

/// ID3 tags before any format, one behind the other, are passed over without being read.
#[test]
fn id3_tags_before_the_file_do_not_matter() {
    if !has("ffmpeg") {
        return;
    }
    let mut tags = b"ID3\x04\0\0\0\x40\0\0".to_vec();
    tags.resize(10 + (0x40 << 14), 0x55);
    tags.extend(b"ID3\x03\0\0\0\0\x02\0");
    tags.resize(tags.len() + 256, 0);
    let cases: [(&str, &[&str]); 3] = [
        ("s16.flac", &["-c:a", "flac", "-sample_fmt", "s16"]),
        ("vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
        ("stream.aac", &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ];
    for (name, arguments) in cases {
        let bytes = encode(name, 2, 44_100, arguments);
        let expected = decode(&bytes).unwrap();
        let tagged = [&tags[..], &bytes].concat();
        let decoded = decode_source(Box::new(Blocks::new(tagged.clone(), 64 * 1024, 16))).unwrap();
        assert_same(name, &decoded.planes, &expected.planes);
        assert_eq!(decoded.end, expected.end, "{name}");
        let sound_blocks = bytes.len().div_ceil(64 * 1024);
        assert!(decoded.missed < 4 * sound_blocks + 10, "{name}: {} misses for {sound_blocks} blocks", decoded.missed);
        let mut codec = open(&tagged, true);
        codec.seek(100_000).unwrap();
        let found = decode_on(&mut codec, 1000);
        assert_eq!(found.planes[0][..1000], expected.planes[0][100_000..101_000], "{name}");
    }
}
