//! The signal, the encoders and the reference decoders.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Odd on purpose: no multiple of any packet length. About 4 s.
pub const FRAMES: usize = 176_963;
pub const SAMPLE_RATE: u32 = 44_100;

/// Whether `program` can be run. Without it a test is skipped, which is shown, and fails where CI=true.
pub fn has(program: &str) -> bool {
    let probe =
        Command::new(program).arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status();
    let found = probe.is_ok();
    if !found {
        eprintln!("skipped: {program} is not installed");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} must be installed where CI=true");
    }
    found
}

/// Plucked tones, a sweep and soft noise: tonal, transient and random parts for every coding tool.
/// Channel `channel` differs from the others. Peak 0.7.
pub fn signal(frames: usize, sample_rate: u32, channel: usize) -> Vec<f32> {
    let mut noise = 0x2545_f491_u32.wrapping_add(u32::try_from(channel).unwrap() * 7919);
    (0..frames)
        .map(|frame| {
            let t = frame as f64 / f64::from(sample_rate);
            let beat = t % 0.5;
            let note = 220.0 * (1.0 + (t / 0.5).floor() % 5.0 / 4.0) * (1.0 + channel as f64 * 0.26);
            let pluck = (std::f64::consts::TAU * note * beat).sin() * (-beat * 8.0).exp();
            let sweep = (std::f64::consts::TAU * (200.0 * t + 300.0 * t * t)).sin();
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let hiss = f64::from(noise) / f64::from(u32::MAX) - 0.5;
            #[expect(clippy::cast_possible_truncation, reason = "rounded to the nearest f32")]
            let sample = (0.45 * pluck + 0.2 * sweep + 0.02 * hiss) as f32;
            sample
        })
        .collect()
}

/// A WAV file with f32 samples.
pub fn float_wav(planes: &[Vec<f32>], sample_rate: u32) -> Vec<u8> {
    let channels = u16::try_from(planes.len()).unwrap();
    let data_bytes = u32::try_from(planes[0].len() * planes.len() * 4).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data_bytes).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x03\0");
    file.extend(channels.to_le_bytes());
    file.extend(sample_rate.to_le_bytes());
    file.extend((sample_rate * u32::from(channels) * 4).to_le_bytes());
    file.extend((channels * 4).to_le_bytes());
    file.extend(b"\x20\0data");
    file.extend(data_bytes.to_le_bytes());
    for frame in 0..planes[0].len() {
        for plane in planes {
            file.extend(plane[frame].to_le_bytes());
        }
    }
    file
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("codec");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a program to its end; panics with its words if it fails.
pub fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Path of the signal as a WAV file with so many channels.
pub fn wav_path(channels: usize, sample_rate: u32, frames: usize) -> String {
    static MADE: Mutex<()> = Mutex::new(());
    let _alone = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = folder().join(format!("signal-{channels}-{sample_rate}-{frames}.wav"));
    if !path.exists() {
        let planes: Vec<_> = (0..channels).map(|channel| signal(frames, sample_rate, channel)).collect();
        let unfinished = path.with_extension("part");
        fs::write(&unfinished, float_wav(&planes, sample_rate)).unwrap();
        fs::rename(unfinished, &path).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

/// The signal through ffmpeg: `arguments` stand between input and output `name`. Made once per run.
pub fn encode(name: &str, channels: usize, sample_rate: u32, arguments: &[&str]) -> Vec<u8> {
    encode_frames(name, channels, sample_rate, FRAMES, arguments)
}

/// [`encode`] with another length.
pub fn encode_frames(name: &str, channels: usize, sample_rate: u32, frames: usize, arguments: &[&str]) -> Vec<u8> {
    let wav = wav_path(channels, sample_rate, frames);
    made(name, |path| {
        let mut all = vec!["-y", "-v", "error", "-i", &wav];
        all.extend_from_slice(arguments);
        all.push(path);
        run("ffmpeg", &all);
    })
}

/// The file `name`, made by `make` once per run.
pub fn made(name: &str, make: impl FnOnce(&str)) -> Vec<u8> {
    static MADE: Mutex<Option<HashMap<String, Vec<u8>>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    made.entry(name.to_owned())
        .or_insert_with(|| {
            let path = folder().join(name);
            make(path.to_str().unwrap());
            fs::read(path).unwrap()
        })
        .clone()
}

/// Writes bytes to a file for other software to read.
pub fn write(name: &str, bytes: &[u8]) -> String {
    let path = folder().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// ffmpeg's decode as planes; `options` stand before the input.
pub fn reference(name: &str, bytes: &[u8], channels: usize, options: &[&str]) -> Vec<Vec<f32>> {
    let path = write(&format!("reference-{name}"), bytes);
    let mut arguments = vec!["-v", "error"];
    arguments.extend_from_slice(options);
    arguments.extend_from_slice(&["-i", &path, "-map", "0:a:0", "-f", "f32le", "-c:a", "pcm_f32le", "-"]);
    let raw = run("ffmpeg", &arguments);
    let samples: Vec<f32> = raw.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    (0..channels).map(|channel| samples.iter().skip(channel).step_by(channels).copied().collect()).collect()
}
