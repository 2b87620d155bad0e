//! Lossy formats: the signal's length and ffmpeg's samples within rounding.

use crate::material::{FRAMES, encode, has, reference, run, wav_path, write};
use crate::reading::{compare, decode};
use rusty_audio_codec::{CodecError, SeekKind};

/// Two decoders in floating point differ by rounding: -100 dB of the signal is far below what 16 bits hold.
const LEAST_RATIO_DB: f64 = 100.0;

/// Name, channels, ffmpeg's arguments.
const GAPLESS: [(&str, usize, &[&str]); 14] = [
    ("cbr.mp3", 2, &["-c:a", "libmp3lame", "-b:a", "128k"]),
    ("vbr.mp3", 2, &["-c:a", "libmp3lame", "-q:a", "2"]),
    ("mono.mp3", 1, &["-c:a", "libmp3lame", "-b:a", "64k"]),
    ("low.mp3", 1, &["-c:a", "libmp3lame", "-b:a", "16k", "-ar", "22050"]),
    ("stereo.ogg", 2, &["-c:a", "libvorbis", "-q:a", "5"]),
    ("mono.ogg", 1, &["-c:a", "libvorbis", "-q:a", "2"]),
    ("six.ogg", 6, &["-c:a", "libvorbis", "-q:a", "3"]),
    ("three.ogg", 3, &["-c:a", "libvorbis", "-q:a", "3"]),
    ("eight.ogg", 8, &["-c:a", "libvorbis", "-q:a", "3"]),
    ("moov-last.m4a", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ("moov-first.m4a", 2, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0", "-movflags", "+faststart"]),
    ("mono.m4a", 1, &["-c:a", "aac", "-b:a", "96k", "-aac_pns", "0"]),
    (
        "fragmented-edited.mp4",
        2,
        &[
            "-c:a",
            "aac",
            "-b:a",
            "128k",
            "-aac_pns",
            "0",
            "-movflags",
            "frag_keyframe+empty_moov+delay_moov",
            "-frag_duration",
            "1000000",
        ],
    ),
    ("22k.m4a", 2, &["-c:a", "aac", "-b:a", "64k", "-aac_pns", "0", "-ar", "22050"]),
];

#[test]
fn gapless_formats_have_the_length_and_the_samples() {
    if !has("ffmpeg") {
        return;
    }
    for (name, channels, arguments) in GAPLESS {
        let bytes = encode(name, channels, 44_100, arguments);
        let decoded = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.end, CodecError::End, "{name}");
        assert_eq!(decoded.skipped_packets, 0, "{name}");
        let halved = arguments.contains(&"22050");
        let frames = if halved { FRAMES.div_ceil(2) } else { FRAMES };
        let is_fragmented = name == "fragmented-edited.mp4";
        if is_fragmented {
            // Such a file does not tell its length: the last packet is played to its end.
            assert!((frames..frames + 1024).contains(&decoded.planes[0].len()), "{name}: {}", decoded.planes[0].len());
        } else {
            // The resampler that halves the rate for the encoder may round the other way.
            assert!(
                decoded.planes[0].len().abs_diff(frames) <= usize::from(halved),
                "{name}: {}",
                decoded.planes[0].len()
            );
            assert_eq!(decoded.description.frames, Some(decoded.planes[0].len() as u64), "{name}");
            assert!(decoded.description.frames_exact, "{name}");
        }
        assert!(decoded.description.gapless, "{name}");
        let expected = if is_fragmented {
            // The same packets in another order of boxes. ffmpeg itself passes over the edit list of fragments.
            decode(&encode("moov-last.m4a", 2, 44_100, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]))
                .unwrap()
                .planes
        } else {
            reference(name, &bytes, channels, &[])
        };
        let (largest, ratio) = compare(&decoded.planes, &expected);
        eprintln!("{name}: largest difference {largest:e}, {ratio:.1} dB");
        assert!(ratio > LEAST_RATIO_DB, "{name}: {ratio:.1} dB, largest difference {largest:e}");
    }
}

#[test]
fn what_cannot_be_gapless_is_played_whole_and_says_so() {
    if !has("ffmpeg") {
        return;
    }
    let cases: [(&str, &[&str]); 3] = [
        ("untagged-cbr.mp3", &["-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0"]),
        ("untagged-vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0"]),
        ("stream.aac", &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]),
    ];
    for (name, arguments) in cases {
        let bytes = encode(name, 2, 44_100, arguments);
        let decoded = decode(&bytes).unwrap();
        let expected = reference(name, &bytes, 2, &[]);
        assert_eq!(decoded.planes[0].len(), expected[0].len(), "{name}");
        let (largest, ratio) = compare(&decoded.planes, &expected);
        assert!(ratio > LEAST_RATIO_DB, "{name}: {ratio:.1} dB, largest difference {largest:e}");
        let description = decoded.description;
        assert!(!description.gapless && !description.frames_exact && description.notes.len() == 1, "{name}");
        assert_eq!(description.seek, SeekKind::Index, "{name}");
    }
}

/// LAME's own tag, and lame's own decoder as a second opinion on the length.
#[test]
fn a_file_of_lame_itself() {
    if !has("ffmpeg") || !has("lame") {
        return;
    }
    let wav = encode("for-lame.wav", 2, 44_100, &["-c:a", "pcm_s16le"]);
    let wav = write("for-lame.wav", &wav);
    for (name, options) in [("lame-v4", ["-V4", "--quiet"]), ("lame-b320", ["-b320", "--quiet"])] {
        let path = write(&format!("{name}.mp3"), b"");
        run("lame", &[options[0], options[1], &wav, &path]);
        let decoded = decode(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(decoded.planes[0].len(), FRAMES, "{name}");
    }
}

/// A comment of iTunes instead of an edit list.
#[test]
fn gapless_data_in_an_itunes_comment() {
    if !has("ffmpeg") {
        return;
    }
    let bytes = encode("moov-last.m4a", 2, 44_100, &["-c:a", "aac", "-b:a", "128k", "-aac_pns", "0"]);
    let expected = decode(&bytes).unwrap().planes;
    let text = format!(" 00000000 00000400 00000000 {FRAMES:016X} 00000000 00000000");
    let boxed =
        |kind: &[u8; 4], body: &[u8]| [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, body].concat();
    let comment = boxed(
        b"----",
        &[
            boxed(b"mean", b"\0\0\0\0com.apple.iTunes"),
            boxed(b"name", b"\0\0\0\0iTunSMPB"),
            boxed(b"data", &[b"\0\0\0\x01\0\0\0\0", text.as_bytes()].concat()),
        ]
        .concat(),
    );
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0");
    let meta = boxed(b"meta", &[b"\0\0\0\0", &handler[..], &boxed(b"ilst", &comment)].concat());
    let tags = boxed(b"udta", &meta);
    // The movie box is the last: it can grow. The edit list gives way to free space.
    let moov = find(&bytes, b"moov") - 4;
    let mut edited = bytes.clone();
    let edit = find(&edited, b"edts");
    edited[edit..edit + 4].copy_from_slice(b"free");
    let length = u32::from_be_bytes(edited[moov..moov + 4].try_into().unwrap()) + u32::try_from(tags.len()).unwrap();
    assert_eq!(moov + length as usize - tags.len(), edited.len());
    edited[moov..moov + 4].copy_from_slice(&length.to_be_bytes());
    edited.extend(tags);
    let decoded = decode(&edited).unwrap();
    assert!(decoded.description.gapless);
    assert_eq!(decoded.planes, expected);
    // Without either, nothing is known.
    let udta = edited.len() - 4 - find(&edited.iter().rev().copied().collect::<Vec<u8>>(), b"atdu");
    edited[udta..udta + 4].copy_from_slice(b"free");
    let decoded = decode(&edited).unwrap();
    assert!(!decoded.description.gapless);
    assert_eq!(decoded.planes[0].len(), FRAMES + 1024);
}

fn find(bytes: &[u8], kind: &[u8; 4]) -> usize {
    bytes.windows(4).position(|window| window == kind).unwrap()
}

/// A second track beside the sound, as a video or a cover has it, is neither read nor in the way of a seek.
#[test]
fn other_tracks_of_an_mp4_file_are_passed_over() {
    if !has("ffmpeg") {
        return;
    }
    let wav = wav_path(2, 44_100, FRAMES);
    let path = write("video.mp4", b"");
    run(
        "ffmpeg",
        &[
            "-y",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=320x240:rate=5:duration=1",
            "-i",
            &wav,
            "-c:v",
            "mpeg4",
            "-c:a",
            "aac",
            "-aac_pns",
            "0",
            &path,
        ],
    );
    let bytes = std::fs::read(&path).unwrap();
    let decoded = decode(&bytes).unwrap();
    assert_eq!(decoded.planes[0].len(), FRAMES);
    let mut codec = crate::reading::open(&bytes, false);
    codec.seek(150_000).unwrap();
    let rest = crate::reading::decode_on(&mut codec, usize::MAX);
    assert_eq!((rest.position, rest.planes[0].len()), (150_000, FRAMES - 150_000));
}
