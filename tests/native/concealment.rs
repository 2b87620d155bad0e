//! Holes in a player's stream: they end in silence within a millisecond, the stream goes on at its very next frame, and no
//! step is above a stated level, whatever is missing, in whatever quanta, of whatever sound.

use std::f32::consts::TAU;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rusty_audio_engine::config::{CONCEALED_FRAMES, CONCEALED_SECONDS, FADE_FRAMES};
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::protocol::{Command, Join};
use rusty_audio_engine::{Controller, Dispatcher, Feeder, Memory, NodeConfig, Processor, player, pool};
use rusty_audio_tests::Random;

const RING_FRAMES: u32 = 16_384;

/// Frames that are there before the first one sounds.
const PRIMED: usize = 8192;

/// Frames of the stream before a place that what is heard there can depend on: what a prediction is learnt from, twice.
const AROUND: usize = 256;

type Stereo = [Vec<f32>; 2];

/// What is fed before a quantum, and how long the quantum is.
#[derive(Clone, Copy, Debug)]
struct Step {
    fed: usize,
    quantum: usize,
}

/// A stream, and what was heard of it.
struct Outcome {
    heard: Stereo,
    /// For each frame that was heard the frame of the stream that sounds there, unless it was missing.
    places: Vec<Option<usize>>,
    starved_frames: u32,
    starvation_events: u32,
    track_frame: u64,
}

struct Rig<'a> {
    controller: Controller<'a>,
    feeder: Feeder<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    dispatcher: Dispatcher<'a>,
    fed: usize,
}

impl Rig<'_> {
    /// Feeds as many of the stream's next frames as find room.
    fn feed(&mut self, stream: &Stereo, frames: usize) {
        let end = (self.fed + frames).min(stream[0].len());
        while self.fed < end {
            let count = (end - self.fed).min(4096);
            for (channel, plane) in stream.iter().enumerate() {
                self.feeder.staging(channel).unwrap()[..count].copy_from_slice(&plane[self.fed..self.fed + count]);
            }
            let taken = self.feeder.push(u32::try_from(count).unwrap()) as usize;
            self.fed += taken;
            if taken < count {
                break;
            }
        }
    }

    fn render(&mut self, frames: usize, heard: &mut Stereo) {
        self.processor.process(&mut self.dispatcher, 0, frames);
        for (channel, heard) in heard.iter_mut().enumerate() {
            heard.extend_from_slice(&self.processor.plane(channel)[..frames]);
        }
    }

    /// Renders so many frames more and gives them.
    fn rendered(&mut self, frames: usize) -> Stereo {
        let mut heard = Stereo::default();
        self.render(frames, &mut heard);
        heard
    }
}

fn with_rig<R>(sample_rate: f32, test: impl FnOnce(&mut Rig<'_>) -> R) -> R {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let (controller, feeder, processor) =
        player(&mut arena, NodeConfig { sample_rate, effects: &[] }, RING_FRAMES).unwrap();
    let dispatcher = pool(&mut arena, sample_rate).unwrap().1;
    test(&mut Rig { controller, feeder, processor, dispatcher, fed: 0 })
}

/// Plays a stream whose frames arrive as the steps say, after the first `PRIMED`; `parts` of a quantum are rendered one by one.
fn play(stream: &Stereo, sample_rate: f32, steps: &[Step], split: impl Fn(usize) -> Vec<usize>) -> Outcome {
    with_rig(sample_rate, |rig| {
        rig.feeder.begin(1, 1, 0, Join::Now).unwrap();
        rig.feed(stream, PRIMED);
        rig.controller.send(Command::PLAY).unwrap();
        let (mut heard, mut places, mut next) = (Stereo::default(), Vec::new(), 0);
        for &Step { fed, quantum } in steps {
            rig.feed(stream, fed);
            split(quantum).into_iter().for_each(|frames| rig.render(frames, &mut heard));
            let there = quantum.min(rig.fed - next);
            places.extend((next..next + there).map(Some));
            places.extend((there..quantum).map(|_| None));
            next += there;
        }
        let telemetry = *rig.controller.telemetry();
        let (starved_frames, starvation_events) = (telemetry.starved_frames, telemetry.starvation_events);
        Outcome { heard, places, starved_frames, starvation_events, track_frame: telemetry.track_frame }
    })
}

fn whole(quantum: usize) -> Vec<usize> {
    vec![quantum]
}

/// Frames of a hole that are not silent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most CONCEALED_FRAMES")]
fn concealed_frames(sample_rate: f32) -> usize {
    ((sample_rate * CONCEALED_SECONDS) as usize).min(CONCEALED_FRAMES)
}

/// The largest magnitudes and steps of a plane, block by block.
struct Extremes(Vec<(f32, f32)>);

impl Extremes {
    const BLOCK: usize = 64;

    fn new(plane: &[f32]) -> Self {
        let block = |start: usize| {
            let with_neighbours = &plane[start.saturating_sub(1)..(start + Self::BLOCK + 1).min(plane.len())];
            let peak = with_neighbours.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
            let steps = with_neighbours.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            (peak, steps.fold(0.0, f32::max))
        };
        Self((0..plane.len()).step_by(Self::BLOCK).map(block).collect())
    }

    /// The stated level around the frame `next` of the stream: no step is above the greater of the stream's own largest step
    /// nearby and an even fall from its peak P nearby to silence, by more than 3/128 P, which is what the fades add.
    fn step_bound(&self, next: usize, sample_rate: f32) -> f32 {
        let last = (next / Self::BLOCK).min(self.0.len() - 1);
        let nearby = &self.0[last.saturating_sub(AROUND / Self::BLOCK)..=last];
        let (peak, step) =
            nearby.iter().fold((0.0f32, 0.0f32), |most, block| (most.0.max(block.0), most.1.max(block.1)));
        step.max(peak / concealed_frames(sample_rate) as f32) + (3.0 / FADE_FRAMES as f32 + 1e-6) * peak
    }
}

/// Fails unless everything that is promised of holes holds.
fn judge(stream: &Stereo, sample_rate: f32, outcome: &Outcome) -> Result<(), String> {
    let concealed = concealed_frames(sample_rate);
    for (stream, heard) in stream.iter().zip(&outcome.heard) {
        let extremes = Extremes::new(stream);
        // Frames since the hole began, and since the stream goes on; before the first hole both are many.
        let (mut missing, mut since, mut next) = (usize::MAX, usize::MAX, 0);
        for (n, (&sample, place)) in heard.iter().zip(&outcome.places).enumerate() {
            let in_hole_before = n > 0 && outcome.places[n - 1].is_none();
            missing = if place.is_none() && !in_hole_before { 0 } else { missing.saturating_add(1) };
            if let Some(place) = *place {
                since = if in_hole_before { 0 } else { since.saturating_add(1) };
                next = place + 1;
                let faded_in = stream[place] * (since.min(FADE_FRAMES) as f32 / FADE_FRAMES as f32);
                let is_right = if since >= FADE_FRAMES {
                    sample.to_bits() == stream[place].to_bits()
                } else {
                    missing < concealed || sample == faded_in
                };
                if !is_right {
                    return Err(format!("{sample} instead of {faded_in} at {n}, {since} frames after a hole"));
                }
            } else if missing + 1 >= concealed && sample != 0.0 {
                return Err(format!("{sample} at {n}, {missing} frames into a hole"));
            }
            let step = if n > 0 { (sample - heard[n - 1]).abs() } else { 0.0 };
            let is_touched = place.is_none() || since < FADE_FRAMES;
            if is_touched && step > 0.0 {
                let bound = extremes.step_bound(next, sample_rate);
                if step > bound {
                    return Err(format!("a step of {step} at {n}, where {bound} is the most"));
                }
            }
        }
    }
    Ok(())
}

/// One second and a bit of music, 16 bits.
fn music() -> Stereo {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("material/track/excerpt-s16le.wav");
    let bytes = fs::read(path).unwrap();
    let data = bytes.windows(4).position(|word| word == b"data").unwrap() + 8;
    [0, 1].map(|channel| {
        let frames = bytes[data..].chunks_exact(4);
        frames
            .map(|frame| f32::from(i16::from_le_bytes([frame[2 * channel], frame[2 * channel + 1]])) / 32_768.0)
            .collect()
    })
}

#[derive(Clone, Copy, Debug)]
enum Sound {
    Music,
    Sine {
        frequency_hz: f32,
        amplitude: f32,
    },
    Noise {
        amplitude: f32,
    },
    Square {
        period: usize,
    },
    Chirp,
    Impulses,
    Constant,
    /// Quiet, with a loud burst now and then.
    Bursts,
}

impl Sound {
    fn stream(self, frames: usize, sample_rate: f32) -> Stereo {
        if matches!(self, Self::Music) {
            return music().map(|plane| plane.iter().copied().cycle().take(frames).collect());
        }
        let mut random = Random(17);
        [0.0, 1.0].map(|phase| {
            let sample = |n: usize| match self {
                Self::Music => 0.0,
                Self::Sine { frequency_hz, amplitude } => {
                    amplitude * (TAU * frequency_hz / sample_rate * n as f32 + phase).sin()
                }
                Self::Noise { amplitude } => amplitude * random.sample(),
                Self::Square { period } => {
                    if n % period < period / 2 {
                        0.8 - phase
                    } else {
                        -0.8
                    }
                }
                Self::Chirp => (n as f32 * n as f32 * 1e-5 + phase).sin() * 0.9,
                Self::Impulses => {
                    if n.is_multiple_of(97) {
                        1.0
                    } else {
                        0.0
                    }
                }
                Self::Constant => 0.6 - phase,
                Self::Bursts => random.sample() * if (n / 150).is_multiple_of(5) { 1.0 } else { 1e-3 },
            };
            (0..frames).map(sample).collect()
        })
    }
}

fn sound() -> impl Strategy<Value = Sound> {
    prop_oneof![
        2 => Just(Sound::Music),
        2 => (20.0f32..20_000.0, prop_oneof![Just(1e-20f32), Just(1e-4), Just(1.0), Just(1e6)])
            .prop_map(|(frequency_hz, amplitude)| Sound::Sine { frequency_hz, amplitude }),
        1 => Just(Sound::Noise { amplitude: 0.5 }),
        1 => (2usize..300).prop_map(|period| Sound::Square { period }),
        1 => Just(Sound::Chirp),
        1 => Just(Sound::Impulses),
        1 => Just(Sound::Constant),
        1 => Just(Sound::Bursts),
    ]
}

/// Quanta with nothing, a few, some or enough of their frames there.
fn step() -> impl Strategy<Value = Step> {
    let quantum = prop_oneof![
        3 => Just(1usize), 1 => Just(127), 3 => Just(128), 1 => Just(192), 1 => Just(441), 1 => Just(4096), 1 => 1usize..300,
    ];
    (quantum, 0usize..8, any::<prop::sample::Index>()).prop_map(|(quantum, kind, index)| {
        let fed = match kind {
            0 | 1 => 0,
            2 => 1 + index.index(3),
            3 | 4 => index.index(quantum),
            _ => quantum + index.index(quantum),
        };
        Step { fed, quantum }
    })
}

/// Steps whose first quanta use up what was there in the beginning.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    (0usize..200, prop::collection::vec(step(), 1..120)).prop_map(|(left, steps)| {
        let opening = [4096, PRIMED - 4096 - left].map(|quantum| Step { fed: 0, quantum });
        opening.into_iter().chain(steps).collect()
    })
}

fn frames_of(steps: &[Step]) -> usize {
    PRIMED + steps.iter().map(|step| step.fed).sum::<usize>() + 1
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_hole_is_concealed_whatever_is_missing(
        sound in sound(),
        steps in steps(),
        sample_rate in prop::sample::select(vec![3000.0f32, 8000.0, 44_100.0, 48_000.0, 192_000.0]),
    ) {
        let stream = sound.stream(frames_of(&steps), sample_rate);
        let outcome = play(&stream, sample_rate, &steps, whole);
        judge(&stream, sample_rate, &outcome).map_err(TestCaseError::fail)?;

        let missing = outcome.places.iter().filter(|place| place.is_none()).count();
        prop_assert_eq!(outcome.starved_frames as usize, missing);
        let begins = |pair: &[Option<usize>]| pair[0].is_some() && pair[1].is_none();
        let events = outcome.places.windows(2).filter(|pair| begins(pair)).count();
        prop_assert_eq!(outcome.starvation_events as usize, events);
        prop_assert_eq!(outcome.track_frame, outcome.places.iter().flatten().count() as u64);
    }

    #[test]
    fn a_hole_has_the_same_bits_in_any_quanta(sound in sound(), steps in steps(), size in 1usize..200) {
        let stream = sound.stream(frames_of(&steps), 48_000.0);
        let at_once = play(&stream, 48_000.0, &steps, whole);
        let split = play(&stream, 48_000.0, &steps, |quantum| {
            (0..quantum).step_by(size).map(|start| size.min(quantum - start)).collect()
        });
        let bits = |heard: &Stereo| heard.iter().flatten().map(|sample| sample.to_bits()).collect::<Vec<_>>();
        prop_assert!(bits(&at_once.heard) == bits(&split.heard));
    }

    /// A pause, a discard, and a jump whose old frames run out while both sound or while it is still awaited: what is not there
    /// is continued as well.
    #[test]
    fn what_fades_out_of_an_empty_ring_does_not_step(sound in sound(), left in 0usize..200, kind in 0..4) {
        let rate = 48_000.0;
        let stream = sound.stream(4 * PRIMED, rate);
        let heard = with_rig(rate, |rig| {
            rig.feeder.begin(1, 1, 0, Join::Now).unwrap();
            rig.feed(&stream, PRIMED);
            rig.controller.send(Command::PLAY).unwrap();
            let mut heard = rig.rendered(4096);
            rig.render(PRIMED - 4096 - left, &mut heard);
            match kind {
                0 => rig.controller.send(Command::PAUSE).unwrap(),
                1 => rig.controller.send(Command::discard(2)).unwrap(),
                _ => {
                    // The stream goes on after a jump, so that what is nearby is nearby on both sides of it.
                    rig.feeder.begin(2, 1, 1_000_000, Join::Now).unwrap();
                    if kind == 3 {
                        rig.feed(&stream, 1000);
                        rig.render(512, &mut heard);
                    }
                    rig.feed(&stream, PRIMED);
                }
            }
            rig.render(512, &mut heard);
            assert_eq!(rig.controller.telemetry().starved_frames, 0);
            heard
        });
        for (heard, stream) in heard.iter().zip(&stream) {
            let first = PRIMED - left - 1;
            let extremes = Extremes::new(&stream[..PRIMED + 576]);
            let bounds = (first..=PRIMED + 512).step_by(Extremes::BLOCK).map(|next| extremes.step_bound(next, rate));
            let bound = bounds.fold(0.0, f32::max);
            for (n, pair) in heard[first..].windows(2).enumerate() {
                let step = (pair[1] - pair[0]).abs();
                prop_assert!(step <= bound, "{step} {n} frames later, where {bound} is the most");
            }
            let silent = match kind {
                0 | 1 => first + 1 + FADE_FRAMES..heard.len(),
                2 => 0..0,
                _ => PRIMED + CONCEALED_FRAMES..PRIMED - left + 512,
            };
            prop_assert!(heard[silent].iter().all(|&sample| sample == 0.0));
        }
    }
}

#[test]
fn the_judge_notices_a_step_a_tail_and_a_lost_frame() {
    let steps = [(0, 4096), (0, 4096 - 100), (0, 512), (300, 128), (128, 128), (128, 128)];
    let steps = steps.map(|(fed, quantum)| Step { fed, quantum });
    let stream = Sound::Sine { frequency_hz: 440.0, amplitude: 0.5 }.stream(frames_of(&steps), 48_000.0);
    let hole = PRIMED;
    let altered = |alter: &dyn Fn(&mut Vec<f32>)| {
        let mut outcome = play(&stream, 48_000.0, &steps, whole);
        alter(&mut outcome.heard[0]);
        judge(&stream, 48_000.0, &outcome)
    };
    assert!(altered(&|_| {}).is_ok());
    assert!(altered(&|heard| heard[hole..hole + 40].fill(0.0)).unwrap_err().contains("a step"));
    assert!(altered(&|heard| heard[hole + 40] = 1e-6).unwrap_err().contains("into a hole"));
    let resumed = hole + 412;
    assert!(
        altered(&|heard| heard.copy_within(resumed + 201..resumed + 240, resumed + 200))
            .unwrap_err()
            .contains("instead of")
    );
    assert!(altered(&|heard| heard[resumed + 50] += 0.001).unwrap_err().contains("instead of"));
}

/// How far what is heard in holes is from what the stream would have been, faded out the same way; in dB relative to that,
/// for the prediction, and for the last sample held.
fn fidelity(sound: Sound) -> [f64; 2] {
    let rate = 44_100.0;
    let concealed = concealed_frames(rate);
    // Enough for every quantum, but those before the last: they stop at many places.
    let gaps = (0..120).map(|gap| 331 + 7 * gap % 128);
    let mut steps = vec![Step { fed: 0, quantum: 4096 }, Step { fed: 0, quantum: 4096 }];
    for gap in gaps {
        steps.extend([Step { fed: gap, quantum: gap }, Step { fed: 0, quantum: 100 }]);
    }
    let stream = sound.stream(frames_of(&steps), rate);
    let outcome = play(&stream, rate, &steps, whole);
    judge(&stream, rate, &outcome).unwrap();
    let (mut errors, mut power) = ([0.0; 2], 0.0);
    for (stream, heard) in stream.iter().zip(&outcome.heard) {
        let mut next = 0;
        for (n, pair) in outcome.places.windows(2).enumerate() {
            next = pair[0].map_or(next, |place| place + 1);
            if pair[0].is_none() || pair[1].is_some() {
                continue;
            }
            for k in 0..concealed.min(stream.len() - next) {
                let weight = (concealed - k - 1) as f32 / concealed as f32 * (1.0 - k as f32 / FADE_FRAMES as f32);
                let truth = stream[next + k] * weight;
                power += f64::from(truth).powi(2);
                for (error, guess) in errors.iter_mut().zip([heard[n + 1 + k], stream[next - 1] * weight]) {
                    *error += f64::from(guess - truth).powi(2);
                }
            }
        }
    }
    errors.map(|error| 10.0 * (error / power + 1e-30).log10())
}

#[test]
fn what_is_predicted_resembles_what_would_have_come() {
    let sine = |frequency_hz| Sound::Sine { frequency_hz, amplitude: 0.5 };
    let expected = [
        (Sound::Music, -9.0),
        (sine(220.0), -26.0),
        (sine(1000.0), -38.0),
        (sine(5000.0), -45.0),
        (Sound::Constant, -100.0),
        // What cannot be known is not guessed loudly: no worse than silence.
        (Sound::Noise { amplitude: 0.5 }, 1.0),
    ];
    for (sound, most) in expected {
        let [predicted, held] = fidelity(sound);
        assert!(predicted < most, "{sound:?}: {predicted} dB");
        assert!(predicted <= held.max(-100.0), "{sound:?}: {predicted} dB is worse than {held} dB");
    }
}

#[test]
fn no_sound_is_continued_as_silence() {
    let steps = [(0, 4096), (0, 4096), (0, 256), (300, 256)].map(|(fed, quantum)| Step { fed, quantum });
    for nonsense in [f32::NAN, f32::INFINITY, -f32::MAX] {
        let mut stream = Sound::Noise { amplitude: 0.5 }.stream(frames_of(&steps), 48_000.0);
        for plane in &mut stream {
            (PRIMED - 64..PRIMED).step_by(7).for_each(|place| plane[place] = nonsense);
        }
        let outcome = play(&stream, 48_000.0, &steps, whole);
        for heard in &outcome.heard {
            assert!(heard[PRIMED..].iter().all(|sample| sample.abs() < 2.0), "{nonsense}");
            assert!(heard[PRIMED + 40..PRIMED + 256].iter().all(|&sample| sample == 0.0));
        }
    }
}
