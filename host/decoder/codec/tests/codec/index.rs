//! The frame index: near at once, exact as soon as it is there.

use crate::material::{SAMPLE_RATE, encode_frames, has};
use crate::reading::{assert_same, decode, decode_on, feed_index, open};
use rusty_audio_codec::SeekKind;

/// 40 s, long enough for estimates to be wrong.
const FRAMES: usize = 1_764_123;

fn long_mp3(name: &str, arguments: &[&str]) -> Vec<u8> {
    encode_frames(name, 2, SAMPLE_RATE, FRAMES, arguments)
}

#[test]
fn a_seek_before_the_index_lands_near_and_the_index_tells_where() {
    if !has("ffmpeg") {
        return;
    }
    let cases: [(&str, &[&str]); 3] = [
        ("long-vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "4"]),
        ("long-untagged-vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0"]),
        ("long.aac", &["-c:a", "aac", "-b:a", "96k", "-aac_pns", "0"]),
    ];
    for (name, arguments) in cases {
        let bytes = long_mp3(name, arguments);
        let linear = decode(&bytes).unwrap().planes;
        let mut codec = open(&bytes, false);
        assert_eq!(codec.description().unwrap().seek, SeekKind::Index, "{name}");
        let target = 1_200_000;
        codec.seek(target).unwrap();
        assert!(!codec.is_seek_exact() && codec.landing_offset().is_none(), "{name}");
        let found = decode_on(&mut codec, 40_000);
        assert_eq!(found.position, target, "{name}: claims its target");
        feed_index(&mut codec, &bytes, 65_536);
        let offset = codec.landing_offset().unwrap();
        assert!(offset.abs() < 10 * i64::from(SAMPLE_RATE), "{name}: {offset} frames off");
        let truth = usize::try_from(i64::try_from(target).unwrap() + offset).unwrap();
        let cut = |planes: &[Vec<f32>], start: usize| -> Vec<Vec<f32>> {
            planes.iter().map(|plane| plane[start..start + 40_000].to_vec()).collect()
        };
        assert_same(name, &cut(&found.planes, 0), &cut(&linear, truth));
        let description = codec.description().unwrap();
        assert_eq!((description.frames, description.frames_exact), (Some(linear[0].len() as u64), true), "{name}");
        assert_eq!(description.seek, SeekKind::Exact, "{name}");
        codec.seek(target).unwrap();
        assert!(codec.is_seek_exact(), "{name}");
        let found = decode_on(&mut codec, 40_000);
        assert_same(name, &cut(&found.planes, 0), &cut(&linear, usize::try_from(target).unwrap()));
    }
}

#[test]
fn a_seek_into_the_part_already_walked_is_exact() {
    if !has("ffmpeg") {
        return;
    }
    let bytes = long_mp3("long-vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "4"]);
    let mut codec = open(&bytes, false);
    let start = usize::try_from(codec.index_next().unwrap()).unwrap();
    assert!(!codec.index_feed(&bytes[start..bytes.len() / 2]));
    codec.seek(400_000).unwrap();
    assert!(codec.is_seek_exact());
    codec.seek(1_700_000).unwrap();
    assert!(!codec.is_seek_exact());
}

/// An estimate of the length is near; the exact one replaces it.
#[test]
fn the_length_of_an_untagged_file_becomes_exact() {
    if !has("ffmpeg") {
        return;
    }
    let bytes = long_mp3("long-untagged-cbr.mp3", &["-c:a", "libmp3lame", "-b:a", "96k", "-write_xing", "0"]);
    let exact = decode(&bytes).unwrap().planes[0].len() as u64;
    let mut codec = open(&bytes, false);
    let guess = codec.description().unwrap();
    assert!(!guess.frames_exact);
    assert!(guess.frames.unwrap().abs_diff(exact) < exact / 100, "{:?} is not near {exact}", guess.frames);
    feed_index(&mut codec, &bytes, 1000);
    assert_eq!(codec.description().unwrap().frames, Some(exact));
}
