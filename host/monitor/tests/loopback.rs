//! The round trip, measured in simulated rooms: delay, noise, loudspeakers, echoes, clocks that drift.

#![expect(
    clippy::cast_possible_truncation,
    reason = "numbers of frames are small, and single precision is what is measured with"
)]

use core::f64::consts::PI;

use rusty_audio_monitor::loopback::{
    AMPLITUDE, Arrival, NoRoundTrip, PARTS, Stimulus, clearer, first_arrival, witnesses,
};

const SAMPLE_RATE: f64 = 48_000.0;
const SEEDS: u64 = 6;

/// White Gaussian noise.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn sample(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (2.0 * PI * self.uniform()).cos()
    }

    fn frames_below(&mut self, limit: usize) -> usize {
        (self.uniform() * limit as f64) as usize
    }
}

fn stimulus() -> Stimulus {
    Stimulus::new(SAMPLE_RATE).expect("48 kHz is a rate of an audio context")
}

/// What the stimulus is like at a moment, in frames, that need not be whole: a Lanczos interpolator of 32 taps.
fn at(played: &[f64], moment: f64) -> f64 {
    let first = moment.floor() as isize - 15;
    (first..first + 32)
        .filter_map(|frame| Some((frame, played.get(usize::try_from(frame).ok()?)?)))
        .map(|(frame, sample)| {
            let x = PI * (moment - frame as f64);
            if x.abs() < 1e-9 { *sample } else { sample * x.sin() / x * (x / 16.0).sin() / (x / 16.0) }
        })
        .sum()
}

/// One way that sound takes: frames of delay, and a factor.
type Path = (usize, f64);

/// The frames that are recorded of what came along `paths`.
fn record(played: &[f64], paths: &[Path]) -> Vec<f64> {
    let sample = |frame: usize, &(delay, factor): &Path| {
        factor * frame.checked_sub(delay).and_then(|frame| played.get(frame)).unwrap_or(&0.0)
    };
    stimulus().recorded().map(|frame| paths.iter().map(|path| sample(frame, path)).sum()).collect()
}

fn played() -> Vec<f64> {
    stimulus().samples().map(f64::from).collect()
}

fn rms(samples: &[f64]) -> f64 {
    (samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64).sqrt()
}

/// Adds noise of a level relative to the recording's own.
fn noisy(recording: &[f64], level_db: f64, noise: &mut Noise) -> Vec<f64> {
    let factor = rms(recording) * 10_f64.powf(level_db / 20.0);
    recording.iter().map(|sample| sample + factor * noise.sample()).collect()
}

fn measure(recording: &[f64]) -> Result<Arrival, NoRoundTrip> {
    let recording: Vec<f32> = recording.iter().map(|&sample| sample as f32).collect();
    let sequence = stimulus().sequence();
    let periods = sequence.periods(&recording)?.into_iter();
    let parts: Vec<_> = periods.flat_map(|period| (0..PARTS).map(|part| sequence.correlate(period, part))).collect();
    let said = witnesses(&parts).map(|response| first_arrival(&response, SAMPLE_RATE));
    said.reduce(clearer).expect("there are parts")
}

/// A loudspeaker: Butterworth filters of second order, high pass at 180 Hz and low pass at 7 kHz.
fn loudspeaker(samples: &[f64]) -> Vec<f64> {
    [(180.0, true), (7000.0, false)].iter().fold(samples.to_vec(), |samples, &(cutoff_hz, high_pass)| {
        // RBJ cookbook.
        let (sin, cos) = (2.0 * PI * cutoff_hz / SAMPLE_RATE).sin_cos();
        let alpha = sin / 2_f64.sqrt();
        let sign = if high_pass { -1.0 } else { 1.0 };
        let b0 = (1.0 - sign * cos) / 2.0;
        let (b, a) = (
            [b0, sign * 2.0 * b0, b0].map(|b| b / (1.0 + alpha)),
            [-2.0 * cos, 1.0 - alpha].map(|a| a / (1.0 + alpha)),
        );
        let mut state = [0.0; 2];
        samples
            .iter()
            .map(|x| {
                let y = b[0] * x + state[0];
                state = [b[1] * x - a[0] * y + state[1], b[2] * x - a[1] * y];
                y
            })
            .collect()
    })
}

#[test]
fn the_delay_is_exact_with_noise_as_loud_as_the_signal() {
    let played = played();
    for seed in 0..SEEDS {
        let mut noise = Noise(seed);
        let delay = noise.frames_below(48_000);
        let arrival = measure(&noisy(&record(&played, &[(delay, -0.3)]), 0.0, &mut noise)).expect("it is heard");
        assert_eq!(arrival.delay_frames, delay, "seed {seed}");
        // √(2 · 65536) is 51.2 dB.
        assert!((50.0..52.5).contains(&arrival.quality_db), "seed {seed}: {}", arrival.quality_db);
    }
}

#[test]
fn the_delay_is_exact_at_both_ends_of_the_range() {
    let played = played();
    for delay in [0, 1, 47_999, 48_000, 60_000] {
        let recording = noisy(&record(&played, &[(delay, 1.0)]), 0.0, &mut Noise(delay as u64));
        assert_eq!(measure(&recording).expect("it is heard").delay_frames, delay);
    }
}

#[test]
fn noise_twenty_decibels_louder_than_the_signal_is_borne() {
    let played = played();
    for seed in 0..SEEDS {
        let mut noise = Noise(100 + seed);
        let delay = noise.frames_below(48_000);
        let recording = noisy(&record(&played, &[(delay, 0.05)]), 20.0, &mut noise);
        assert_eq!(measure(&recording).expect("it is heard").delay_frames, delay, "seed {seed}");
    }
}

/// The delay of a loudspeaker is that of the peak of its own impulse response, found without noise or sequence.
#[test]
fn a_loudspeaker_adds_the_delay_of_its_peak() {
    let mut impulse = vec![0.0; 4096];
    impulse[0] = 1.0;
    let response = loudspeaker(&impulse);
    let peak =
        (0..response.len()).max_by(|&a, &b| response[a].abs().total_cmp(&response[b].abs())).expect("it is long");
    assert!(peak > 0, "a filter that does not delay proves nothing");
    let played = loudspeaker(&played());
    for seed in 0..SEEDS {
        let mut noise = Noise(200 + seed);
        let delay = noise.frames_below(48_000);
        let arrival = measure(&noisy(&record(&played, &[(delay, 0.5)]), 0.0, &mut noise)).expect("it is heard");
        assert!(
            arrival.delay_frames.abs_diff(delay + peak) <= 1,
            "seed {seed}: {} for {delay} + {peak}",
            arrival.delay_frames
        );
    }
}

/// A buffer that runs empty makes the way longer from then on. What a whole period tells is as clear as without it.
#[test]
fn a_way_that_grows_longer_in_one_period_is_measured_in_the_other() {
    let played = played();
    let period = stimulus().sequence().period();
    for seed in 0..SEEDS {
        let mut noise = Noise(250 + seed);
        let delays = [noise.frames_below(20_000), 24_000 + noise.frames_below(20_000)];
        let [before, after] = delays.map(|delay| record(&played, &[(delay, 0.3)]));
        let jump = period / 4 + noise.frames_below(period / 2);
        for (first_is_whole, jump) in [(true, period + jump), (false, jump)] {
            let recording = noisy(&[&before[..jump], &after[jump..]].concat(), 0.0, &mut noise);
            let arrival = measure(&recording).expect("it is heard");
            assert_eq!(arrival.delay_frames, delays[usize::from(!first_is_whole)], "seed {seed}");
            // √65536 is 48.2 dB.
            assert!((47.0..49.5).contains(&arrival.quality_db), "seed {seed}: {}", arrival.quality_db);
        }
    }
}

/// Each lasts for 0.3 s, so each part of a period is mostly of one.
#[test]
fn a_way_that_changes_all_the_time_is_measured_at_one_of_them() {
    let played = played();
    for seed in 0..SEEDS {
        let mut noise = Noise(270 + seed);
        let delays: Vec<_> = (0..10).map(|step| 5000 + 300 * step + noise.frames_below(200)).collect();
        let ways: Vec<_> = delays.iter().map(|&delay| record(&played, &[(delay, 0.3)])).collect();
        let recording: Vec<f64> = (0..ways[0].len()).map(|frame| ways[frame / 14_400][frame]).collect();
        let arrival = measure(&noisy(&recording, 0.0, &mut noise)).expect("it is heard");
        assert!(delays.contains(&arrival.delay_frames), "seed {seed}: {} of {delays:?}", arrival.delay_frames);
        // All of it together would be at √131072 / 9.1, which is 32 dB.
        assert!(arrival.quality_db > 36.0, "seed {seed}: {}", arrival.quality_db);
    }
}

/// Within what the delay itself drifts while it is measured: 13 frames in two periods.
#[test]
fn a_clock_that_drifts_is_borne() {
    let played = played();
    for (seed, drift) in [(0, 1e-4), (1, -1e-4), (2, 1e-4)] {
        let mut noise = Noise(300 + seed);
        let delay = 5000 + noise.frames_below(40_000);
        let moment = |frame: usize| frame as f64 * (1.0 + drift) - delay as f64;
        let recording: Vec<f64> = stimulus().recorded().map(|frame| at(&played, moment(frame))).collect();
        let arrival = measure(&noisy(&recording, 0.0, &mut noise)).expect("it is heard");
        let recorded = stimulus().recorded();
        let ends = [recorded.start, recorded.end].map(|frame| delay as f64 - drift * frame as f64);
        let (least, most) = (ends[0].min(ends[1]) - 1.0, ends[0].max(ends[1]) + 1.0);
        assert!((12.0..16.0).contains(&(most - least)));
        let found = arrival.delay_frames as f64;
        assert!((least..=most).contains(&found), "seed {seed}: {found} is not within {least} to {most}");
    }
}

#[test]
fn a_direct_path_is_found_before_an_echo_ten_decibels_stronger() {
    let played = played();
    for seed in 0..SEEDS {
        let mut noise = Noise(400 + seed);
        let delay = noise.frames_below(40_000);
        let echo = delay + 60 + noise.frames_below(4000);
        let factor = 0.2 * 10_f64.powf(10.0 / 20.0);
        let recording = noisy(&record(&played, &[(delay, 0.2), (echo, -factor)]), 0.0, &mut noise);
        assert_eq!(measure(&recording).expect("it is heard").delay_frames, delay, "seed {seed}");
    }
}

/// Two hundred reflections that die away within 0.2 s.
#[test]
fn a_room_changes_nothing() {
    let played = played();
    let mut noise = Noise(500);
    let delay = 7321;
    let mut paths = vec![(delay, 0.5)];
    for _ in 0..200 {
        let late = 60 + noise.frames_below(9600);
        paths.push((delay + late, 0.3 * noise.sample() * 10_f64.powf(-3.0 * late as f64 / 9600.0)));
    }
    assert_eq!(measure(&noisy(&record(&played, &paths), 0.0, &mut noise)).expect("it is heard").delay_frames, delay);
}

#[test]
fn silence_noise_and_other_sounds_are_refused() {
    let frames = stimulus().recorded().len();
    assert_eq!(measure(&vec![0.0; frames]), Err(NoRoundTrip::TooQuiet));
    for seed in 0..SEEDS {
        let mut noise = Noise(600 + seed);
        let hiss: Vec<f64> = (0..frames).map(|_| 0.1 * noise.sample()).collect();
        assert!(
            matches!(measure(&hiss), Err(NoRoundTrip::NoArrival { quality_db }) if quality_db < 16.0),
            "seed {seed}"
        );
    }
    let hum: Vec<f64> = (0..frames).map(|frame| 0.5 * (2.0 * PI * 50.0 / SAMPLE_RATE * frame as f64).sin()).collect();
    assert!(matches!(measure(&hum), Err(NoRoundTrip::NoArrival { .. })));
    let click: Vec<f64> = (0..frames).map(|frame| if frame == 20_000 { 0.9 } else { 0.0 }).collect();
    assert!(matches!(measure(&click), Err(NoRoundTrip::NoArrival { .. })));
}

#[test]
fn an_overdriven_input_is_refused_and_a_loud_one_is_not() {
    let played = played();
    let overdriven = |gain: f64| -> Vec<f64> {
        let recording = record(&loudspeaker(&played), &[(2000, gain / f64::from(AMPLITUDE))]);
        recording.iter().map(|sample| sample.clamp(-1.0, 1.0)).collect()
    };
    assert!(matches!(measure(&overdriven(2.0)), Err(NoRoundTrip::Clipped { share }) if share > 0.1));
    assert!(measure(&overdriven(0.4)).is_ok());
}

#[test]
fn a_recording_of_less_than_a_period_is_refused() {
    let recording = record(&played(), &[(100, 1.0)]);
    let period = stimulus().sequence().period();
    assert_eq!(measure(&recording[..period - 1]), Err(NoRoundTrip::TooShort { frames: period - 1, needed: period }));
    assert_eq!(measure(&recording[..period]).map(|arrival| arrival.delay_frames), Ok(100));
}

#[test]
fn the_stimulus_is_as_loud_as_it_says_and_begins_and_ends_softly() {
    for sample_rate in [3000.0, 8000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0, 768_000.0] {
        let stimulus = Stimulus::new(sample_rate).expect("a rate of an audio context");
        let samples: Vec<f32> = stimulus.samples().collect();
        let period = stimulus.sequence().period();
        assert!(period as f64 >= 1.25 * sample_rate, "{sample_rate}");
        assert_eq!(samples.len(), stimulus.frames());
        assert!(samples.iter().all(|sample| sample.abs() <= AMPLITUDE));
        assert!(samples[period..3 * period].iter().all(|sample| sample.abs() == AMPLITUDE));
        assert_eq!(samples[period..2 * period], samples[2 * period..3 * period]);
        let softest = AMPLITUDE / (0.01 * sample_rate) as f32 * 1.01;
        assert!(samples[0].abs() <= softest && samples[samples.len() - 1].abs() <= softest, "{sample_rate}");
        assert_eq!(stimulus.recorded(), period..3 * period);
    }
    assert!(Stimulus::new(1e6).is_none());
}
