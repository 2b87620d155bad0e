//! Sessions of a player: somebody plays, pauses and seeks, a decode worker writes as well as it can, and what is heard and
//! missing is noted beside what the recorder keeps.

use std::fmt::Debug;

use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::events::{Event, Occurrence, StreamChange};
use rusty_audio_engine::protocol::{Command, Join};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, PlayerTape, Processor, player, pool};
use rusty_audio_recorder::{Recording, Thread, Track};
use rusty_audio_tests::Random;

use crate::world::seeded;

/// Of a number that is small.
pub fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

pub type Stereo = [Vec<f32>; 2];

/// What is played.
pub struct File(pub Vec<Stereo>);

impl File {
    /// Tones with noise, so that no frame is like another and a prediction has something to predict.
    pub fn new(seed: u64, random: &mut Random) -> Self {
        let mut noise = seeded(seed);
        let lengths = [60_000, 1, 700, 20_000].map(|most| 1 + random.index(most));
        Self(
            lengths
                .into_iter()
                .map(|length| {
                    let step = 0.01 + noise.below(100) as f32 * 0.002;
                    [0.0, 1.0].map(|phase| {
                        let sample = |n: usize| (n as f32 * step + phase).sin() * 0.7;
                        (0..length).map(|n| sample(n) + 0.1 * noise.sample()).collect()
                    })
                })
                .collect(),
        )
    }

    fn length(&self, track: u32) -> u64 {
        self.0[track as usize][0].len() as u64
    }

    pub fn read(&self, track: u32, from: u64, planes: [&mut [f32]; 2]) -> bool {
        let Some(samples) = self.0.get(track as usize) else { return false };
        let from = usize::try_from(from).unwrap();
        planes.into_iter().zip(samples).all(|(plane, samples)| {
            samples.get(from..from + plane.len()).is_some_and(|samples| {
                plane.copy_from_slice(samples);
                true
            })
        })
    }
}

/// FNV-1a over the bits of what is heard, frame by frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(u64);

impl Hash {
    pub const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    pub fn add(&mut self, [left, right]: [&[f32]; 2]) {
        for sample in left.iter().zip(right).flat_map(|(&left, &right)| [left, right]) {
            for byte in sample.to_bits().to_le_bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
}

impl Debug for Hash {
    fn fmt(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(text, "{:016x}", self.0)
    }
}

pub fn hash_of(heard: &Stereo, frames: u64) -> Hash {
    let frames = usize::try_from(frames).unwrap();
    let mut hash = Hash::NEW;
    hash.add([&heard[0][..frames], &heard[1][..frames]]);
    hash
}

/// The decode worker.
pub struct Writer<'f, 'a> {
    file: &'f File,
    pub feeder: Feeder<'a>,
    pub epoch: u32,
    track: u32,
    frame: u64,
    pub repeats: Option<(u64, u64)>,
    pub ended: bool,
    /// Where in the ring the last segment without a gap begins.
    seam: Option<u32>,
}

impl<'f, 'a> Writer<'f, 'a> {
    pub fn new(file: &'f File, feeder: Feeder<'a>) -> Self {
        Self { file, feeder, epoch: 0, track: 0, frame: 0, repeats: None, ended: true, seam: None }
    }

    pub fn begin(&mut self, track: u32, frame: u64, join: Join) -> bool {
        let seam = self.feeder.written();
        if self.feeder.begin(self.epoch, track, frame, join).is_err() {
            return false;
        }
        self.seam = (join == Join::Follow).then_some(seam);
        (self.track, self.frame, self.ended) = (track, frame, false);
        true
    }

    pub fn write(&mut self, mut frames: u32) {
        while frames > 0 && !self.ended {
            let length = self.file.length(self.track);
            let end = self.repeats.map_or(length, |(_, end)| end).min(length).max(self.frame);
            let left = u32::try_from(end - self.frame).unwrap();
            if left == 0 {
                let next = self.track + 1;
                let done = match self.repeats {
                    Some((start, _)) => self.begin(self.track, start, Join::Follow),
                    None if (next as usize) < self.file.0.len() => self.begin(next, 0, Join::Follow),
                    None => {
                        self.ended = self.feeder.end().is_ok();
                        self.ended
                    }
                };
                if !done {
                    return;
                }
                continue;
            }
            let count = frames.min(left).min(4096) as usize;
            for channel in 0..2 {
                let start = usize::try_from(self.frame).unwrap();
                let samples = &self.file.0[self.track as usize][channel][start..start + count];
                self.feeder.staging(channel).unwrap()[..count].copy_from_slice(samples);
            }
            let pushed = self.feeder.push(word(count));
            self.frame += u64::from(pushed);
            frames -= pushed;
            if pushed < word(count) {
                return;
            }
        }
    }

    pub fn jump(&mut self, random: &mut Random) -> bool {
        let track = word(random.index(self.file.0.len()));
        let frame = if random.below(3) == 0 { 0 } else { random.below(self.file.length(track)) };
        self.repeats = None;
        self.epoch += 1;
        let done = self.begin(track, frame, Join::Now);
        self.epoch -= u32::from(!done);
        done
    }

    /// Something else follows at the last seam, whatever was written behind it.
    pub fn correct(&mut self, random: &mut Random) {
        let Some(seam) = self.seam else { return };
        if seam.wrapping_sub(self.feeder.read()).cast_signed() > 0 {
            let track = word(random.index(self.file.0.len()));
            self.repeats = None;
            self.begin(track, random.below(self.file.length(track)), Join::At(seam));
        }
    }

    /// From now on a part around the next frame is repeated.
    pub fn repeat(&mut self, random: &mut Random) {
        let longest = random.pick(&[5, 60, 300, 5000, 30_000]);
        let end = (self.frame + 1 + random.below(longest)).min(self.file.length(self.track));
        let start = end.saturating_sub(1 + random.below(longest));
        self.repeats = (start < end).then_some((start, end));
    }
}

/// The audio thread and the page, which hears and counts.
pub struct Listener<'a> {
    controller: Controller<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    dispatcher: Dispatcher<'a>,
    frame: u64,
    heard: Stereo,
    /// Frames heard and missing, after each quantum.
    missing: Vec<(u64, u32)>,
    events: Vec<Event>,
}

impl<'a> Listener<'a> {
    pub fn send(&mut self, command: Command) {
        self.controller.send(command).unwrap();
    }

    pub fn render(&mut self, frames: usize) {
        self.processor.process(&mut self.dispatcher, self.frame, frames);
        self.frame += frames as u64;
        for (channel, heard) in self.heard.iter_mut().enumerate() {
            heard.extend_from_slice(&self.processor.plane(channel)[..frames]);
        }
        self.missing.push((self.heard[0].len() as u64, self.controller.telemetry().starved_frames));
        while let Some(event) = self.controller.next_event(PlayerTape::Source) {
            self.events.push(*event);
        }
        assert_eq!(self.controller.lost_events(PlayerTape::Source), 0);
    }

    /// Ends with a pause, whose event says what all before it was.
    fn end(mut self, sample_rate: f32) -> Session {
        self.send(Command::PLAY);
        self.render(128);
        self.send(Command::PAUSE);
        let frames = self.heard[0].len() as u64;
        self.render(128);
        let track = Track { thread: Thread::Source(0), events: self.events };
        let recording = Recording { sample_rate: f64::from(sample_rate), tracks: vec![track] };
        Session { recording, heard: self.heard, missing: self.missing, frames }
    }
}

/// A session, and what others than the recorder know of it.
pub struct Session {
    pub recording: Recording,
    pub heard: Stereo,
    missing: Vec<(u64, u32)>,
    /// Frames until the pause that ends it.
    pub frames: u64,
}

impl Session {
    pub fn events(&self) -> &[Event] {
        &self.recording.tracks[0].events
    }

    pub fn with(&self, events: Vec<Event>) -> Recording {
        let track = Track { thread: Thread::Source(0), events };
        Recording { sample_rate: self.recording.sample_rate, tracks: vec![track] }
    }

    /// Frames that were missing among the first `frames`.
    pub fn missing(&self, frames: u64) -> u64 {
        let place = self.missing.partition_point(|quantum| quantum.0 < frames);
        let before = place.checked_sub(1).map_or(0, |place| self.missing[place].1);
        // Those of a quantum are its last.
        let (end, after) = self.missing.get(place).copied().unwrap_or((frames, before));
        u64::from(before) + u64::from(after - before).saturating_sub(end - frames)
    }

    /// What was heard and what was missing until then.
    pub fn truth(&self, frames: u64) -> (Hash, u64) {
        (hash_of(&self.heard, frames), self.missing(frames))
    }

    pub fn holes(&self) -> usize {
        let starves = |event: &&Event| {
            let occurrence = event.occurrence();
            matches!(occurrence, Some(Occurrence::Stream { change: StreamChange::Starves { .. }, .. }))
        };
        self.events().iter().filter(starves).count()
    }
}

/// Builds a player and lets it play.
pub fn session(
    sample_rate: f32,
    frame: u64,
    file: &File,
    live: impl FnOnce(&mut Listener<'_>, &mut Writer<'_, '_>),
) -> Session {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let config = NodeConfig { sample_rate, effects: &[] };
    let (controller, feeder, processor) = player(&mut arena, config, 16_384).unwrap();
    let dispatcher = pool(&mut arena, sample_rate).unwrap().1;
    let (heard, missing, events) = (Stereo::default(), Vec::new(), Vec::new());
    let mut listener = Listener { controller, processor, dispatcher, frame, heard, missing, events };
    let mut writer = Writer::new(file, feeder);
    live(&mut listener, &mut writer);
    listener.end(sample_rate)
}

/// One whose player is driven at random: it plays, pauses, seeks, loops, and its frames are late.
pub fn drawn(seed: u64, sound: u64) -> (File, Session) {
    let mut random = seeded(seed);
    let file = File::new(sound, &mut random);
    let sample_rate = random.pick(&[8000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0]);
    let frame = random.below(1 << 20);
    let usual = random.pick(&[1usize, 32, 128, 128, 128, 256, 441, 1024, 4096]);
    let quanta = (160_000 / usual as u64).clamp(150, 2500);
    let session = session(sample_rate, frame, &file, |listener, writer| {
        let (mut stalled, mut pace) = (0, 100);
        for _ in 0..quanta {
            let quantum = if random.below(4) == 0 { 1 + random.index(2 * usual.min(2048)) } else { usual };
            match random.below(100) {
                0 | 1 => listener.send(Command::PLAY),
                2 => listener.send(Command::PAUSE),
                3 => {
                    listener.send(Command::PAUSE);
                    listener.send(Command::PLAY);
                }
                4 => drop(writer.jump(&mut random)),
                5 if writer.jump(&mut random) => listener.send(Command::discard(writer.epoch)),
                // Dropped, and something else comes later.
                6 => listener.send(Command::discard(writer.epoch + 1)),
                7 => writer.repeat(&mut random),
                8 => writer.repeats = None,
                9 => writer.correct(&mut random),
                10 => stalled = random.below(30_000) / quantum as u64,
                11..20 => pace = random.pick(&[10, 50, 80, 95, 100, 105, 300]),
                20 => drop(writer.ended && writer.begin(word(random.index(4)), 0, Join::Follow)),
                21 => {
                    _ = writer.feeder.end();
                    writer.ended = true;
                }
                // The node is not rendered for a while.
                22 => listener.frame += random.below(3) * random.below(5000),
                _ => {}
            }
            stalled = u64::saturating_sub(stalled, 1);
            if stalled == 0 {
                let burst = if random.below(40) == 0 { random.index(9000) } else { 0 };
                writer.write(word(quantum * pace / 100 + burst));
            }
            listener.render(quantum);
        }
    });
    (file, session)
}

/// A session that plays one track from its beginning and has a few holes, some of which begin in the midst of a quantum.
pub fn starved(seed: u64) -> (File, Session) {
    let mut random = seeded(seed);
    let mut noise = move || (0..40_000).map(|_| random.sample()).collect();
    let file = File(vec![[noise(), noise()]]);
    let mut random = seeded(seed + 1);
    let session = session(48_000.0, 0, &file, |listener, writer| {
        writer.epoch = 1;
        writer.begin(0, 0, Join::Now);
        writer.write(8192);
        listener.send(Command::PLAY);
        (0..63).for_each(|_| listener.render(128));
        for quantum in 0..200 {
            writer.write(if quantum % 10 < 3 { word(random.index(150)) } else { 128 });
            listener.render(128);
        }
    });
    (file, session)
}
