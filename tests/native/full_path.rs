//! The whole path on real threads: decode, mix, resample, queue, ring, process. What is heard is compared with the
//! samples in the files, read by nothing but their headers.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rusty_audio_codec as codec;
use rusty_audio_decoder::{
    Codec, CodecDescription, Conductor, IndexState, Interruption, Media, SeekAbility, Segment, Sink, Step,
};
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{self, Command, State};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, Processor, player, pool};
use rusty_audio_protocol::{DecoderEvent, ErrorCode, Failure};

/// A file in memory.
#[derive(Clone)]
struct File(Arc<[u8]>);

impl codec::ByteSource for File {
    fn byte_length(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> codec::SourceRead {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or(&[]);
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        codec::SourceRead::Bytes(count)
    }
}

impl Media for File {
    type Codec = Native;

    fn codec(&self) -> Native {
        Native { codec: codec::Codec::new(Box::new(self.clone())), planes: Vec::new(), position: 0 }
    }

    fn release(&self) {}

    fn is_local(&self) -> bool {
        true
    }
}

/// The codec crate without WebAssembly around it.
struct Native {
    codec: codec::Codec,
    planes: Vec<Vec<f32>>,
    position: u64,
}

fn interruption(error: codec::CodecError) -> Interruption {
    match error {
        codec::CodecError::End => Interruption::End,
        codec::CodecError::Missing => Interruption::Waiting,
        error => Interruption::Failed(Failure::new(ErrorCode::CorruptFile, error.to_string())),
    }
}

impl Codec for Native {
    fn open(&mut self) -> Result<CodecDescription, Interruption> {
        self.codec.open().map_err(interruption)?;
        self.description()
    }

    fn description(&mut self) -> Result<CodecDescription, Interruption> {
        let known = self.codec.description().map_err(interruption)?;
        Ok(CodecDescription {
            container: known.container.into(),
            codec: known.codec,
            channels: u32::try_from(known.channels).unwrap(),
            sample_rate: known.sample_rate,
            frames: known.frames,
            frames_exact: known.frames_exact,
            gapless: known.gapless,
            seek: match known.seek {
                codec::SeekKind::Exact => SeekAbility::Exact,
                codec::SeekKind::Index => SeekAbility::Index,
                codec::SeekKind::None => SeekAbility::None,
            },
            notes: known.notes,
            channel_positions: known.channel_positions.into_iter().map(String::from).collect(),
        })
    }

    fn next(&mut self) -> Result<usize, Interruption> {
        let packet = self.codec.next().map_err(interruption)?;
        self.planes = (0..packet.channels()).map(|channel| packet.plane(channel).to_vec()).collect();
        self.position = packet.position();
        Ok(packet.frames())
    }

    fn read_plane(&mut self, channel: usize, samples: &mut Vec<f32>) -> Result<(), Interruption> {
        samples.clone_from(&self.planes[channel]);
        Ok(())
    }

    fn position(&mut self) -> Result<u64, Interruption> {
        Ok(self.position)
    }

    fn seek(&mut self, frame: u64) -> Result<(), Interruption> {
        self.codec.seek(frame).map_err(interruption)
    }

    fn seek_is_exact(&mut self) -> Result<bool, Interruption> {
        Ok(self.codec.is_seek_exact())
    }

    fn landing_offset(&mut self) -> Result<Option<i64>, Interruption> {
        Ok(self.codec.landing_offset())
    }

    fn extend_index(&mut self) -> Result<IndexState, Interruption> {
        Ok(IndexState::Complete)
    }
}

/// The engine's feeder as the decoder's sink.
struct Ring<'a>(RefCell<Feeder<'a>>);

impl Sink for Ring<'_> {
    fn capacity(&self) -> u32 {
        self.0.borrow().capacity()
    }

    fn written(&self) -> u32 {
        self.0.borrow().written()
    }

    fn read(&self) -> u32 {
        self.0.borrow_mut().read()
    }

    fn target(&self) -> u32 {
        self.0.borrow().target()
    }

    fn begin(&mut self, segment: Segment) -> bool {
        let join = match segment.join {
            rusty_audio_decoder::Join::Follow => protocol::Join::Follow,
            rusty_audio_decoder::Join::Jump => protocol::Join::Now,
            rusty_audio_decoder::Join::At(index) => protocol::Join::At(index),
        };
        self.0.borrow_mut().begin(segment.epoch, segment.track, segment.frame, join).is_ok()
    }

    fn push(&mut self, left: &[f32], right: &[f32]) -> usize {
        let mut feeder = self.0.borrow_mut();
        for (channel, samples) in [left, right].into_iter().enumerate() {
            feeder.staging(channel).unwrap()[..samples.len()].copy_from_slice(samples);
        }
        feeder.push(u32::try_from(left.len()).unwrap()) as usize
    }

    fn end(&mut self) -> bool {
        self.0.borrow_mut().end().is_ok()
    }
}

/// Lets `direct` lead the decode thread, and renders on another thread until the end. Returns what was heard on both
/// channels.
fn perform(sample_rate: u32, direct: impl FnOnce(&mut Conductor<File>, &Ring<'_>) + Send) -> [Vec<f32>; 2] {
    let mut memory = Memory::new(1 << 23);
    let config = NodeConfig { sample_rate: sample_rate as f32, effects: &[] };
    let mut arena = memory.arena();
    let (controller, feeder, processor) = player(&mut arena, config, 1 << 15).unwrap();
    let dispatcher = pool(&mut arena, config.sample_rate).unwrap().1;
    let decoded = AtomicBool::new(false);
    thread::scope(|scope| {
        let audio = scope.spawn(|| listen(controller, processor, dispatcher, &decoded));
        scope.spawn(|| {
            let mut ring = Ring(RefCell::new(feeder));
            let mut conductor = Conductor::new(sample_rate);
            direct(&mut conductor, &ring);
            loop {
                match conductor.step(&mut ring) {
                    Step::Idle => break,
                    Step::Full | Step::Waiting => thread::yield_now(),
                    Step::Worked => {}
                }
                for event in conductor.take_events() {
                    assert!(!matches!(event, DecoderEvent::Failed { .. }), "{event:?}");
                }
            }
            decoded.store(true, Ordering::Release);
        });
        audio.join().unwrap()
    })
}

/// The audio thread. It takes a quantum at a time as a device does, but not before there is one, so that the outcome
/// does not depend on the speed of this machine; nothing may starve.
fn listen<'a>(
    mut controller: Controller<'_>,
    mut processor: Processor<'a, StandardEffects<'a>>,
    mut dispatcher: Dispatcher<'_>,
    decoded: &AtomicBool,
) -> [Vec<f32>; 2] {
    let mut heard = [Vec::new(), Vec::new()];
    controller.send(Command::PLAY).unwrap();
    for quantum in [128, 1, 441, 192, 4096, 127].into_iter().cycle() {
        loop {
            let all_decoded = decoded.load(Ordering::Acquire);
            processor.process(&mut dispatcher, 0, 0);
            if all_decoded || controller.telemetry().buffered_frames >= 16_384 {
                break;
            }
            thread::yield_now();
        }
        processor.process(&mut dispatcher, 0, quantum);
        for (channel, heard) in heard.iter_mut().enumerate() {
            heard.extend_from_slice(&processor.plane(channel)[..quantum]);
        }
        let telemetry = controller.telemetry();
        assert_eq!(telemetry.starved_frames, 0);
        if telemetry.state == State::Ended as u32 {
            break;
        }
    }
    heard
}

fn material(name: &str) -> File {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("material/track").join(name);
    File(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into())
}

/// The samples of a stereo RIFF or AIFF file of 16-bit integers, by looking for its chunk of samples.
fn samples_16(file: &File, chunk: &[u8; 4], skip: usize, sample: fn([u8; 2]) -> i16) -> [Vec<f32>; 2] {
    let bytes = &file.0;
    let start = bytes.windows(4).position(|window| window == chunk).unwrap() + 8 + skip;
    let mut planes = [Vec::new(), Vec::new()];
    for frame in bytes[start..].chunks_exact(4) {
        planes[0].push(f32::from(sample([frame[0], frame[1]])) / 32_768.0);
        planes[1].push(f32::from(sample([frame[2], frame[3]])) / 32_768.0);
    }
    planes
}

fn wave() -> (File, [Vec<f32>; 2]) {
    let file = material("excerpt-s16le.wav");
    let samples = samples_16(&file, b"data", 0, i16::from_le_bytes);
    (file, samples)
}

#[track_caller]
fn assert_heard(heard: &[Vec<f32>; 2], expected: &[Vec<f32>; 2]) {
    for (heard, expected) in heard.iter().zip(expected) {
        let same =
            heard.iter().zip(expected).take_while(|(heard, expected)| heard.to_bits() == expected.to_bits()).count();
        assert_eq!(same, expected.len(), "the first difference is at frame {same}");
        assert!(heard[expected.len()..].iter().all(|&sample| sample == 0.0), "something sounds after the end");
    }
}

#[test]
fn a_wave_file_is_heard_bit_by_bit() {
    let (file, samples) = wave();
    assert!(samples[0].len() > 50_000 && samples[0] != samples[1]);
    let heard = perform(44_100, |conductor, _| conductor.open(1, file, 1));
    assert_heard(&heard, &samples);
}

#[test]
fn the_comparison_notices_one_lost_frame() {
    let (file, mut samples) = wave();
    let heard = perform(44_100, |conductor, _| conductor.open(1, file, 1));
    for plane in &mut samples {
        plane.remove(30_000);
    }
    assert!(std::panic::catch_unwind(|| assert_heard(&heard, &samples)).is_err());
}

#[test]
fn tracks_of_different_formats_follow_each_other_without_a_gap() {
    let (first, mut expected) = wave();
    let second = material("excerpt-s16be.aiff");
    let more = samples_16(&second, b"SSND", 8, i16::from_be_bytes);
    for (plane, more) in expected.iter_mut().zip(more) {
        plane.extend(more);
    }
    let heard = perform(44_100, |conductor, ring| {
        conductor.open(1, first, 1);
        conductor.enqueue(2, second, ring);
    });
    assert_heard(&heard, &expected);
}

#[test]
fn a_seek_before_the_start_lands_on_its_very_frame() {
    let (file, samples) = wave();
    let heard = perform(44_100, |conductor, _| {
        conductor.open(1, file, 1);
        conductor.seek(1, 12_345, 2);
    });
    // Into the middle of a track it fades in.
    let expected = samples.map(|plane| plane[12_345 + 128..].to_vec());
    assert_heard(&heard.map(|plane| plane[128..].to_vec()), &expected);
}

#[test]
fn another_rate_gives_the_length_that_it_must() {
    let (file, samples) = wave();
    let heard = perform(48_000, |conductor, _| conductor.open(1, file, 1));
    let frames = (samples[0].len() * 480).div_ceil(441);
    let last = heard[0].iter().rposition(|&sample| sample != 0.0).unwrap() + 1;
    assert!(last.abs_diff(frames) < 64, "{last} of {frames}");
}
