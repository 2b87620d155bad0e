//! The convolver against the sum that it stands for, and how one response follows another.
//!
//! What is proved from what: the sum of products in double precision, at sampled frames, is the truth for steady responses;
//! what happens while one response follows another is proved by responses whose sound is known without a sum.

use rusty_audio_engine::config::{ConfigError, REGIONS, RESPONSE_FADE_FRAMES, RESPONSE_SLACK_FRAMES};
use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::lockfree::board::Class;
use rusty_audio_engine::protocol::DispatchTelemetry;
use rusty_audio_engine::{Arena, Chain, Loss, Memory, Quantum, job};
use rusty_audio_tests::{Pool, RATE, Random, chain, put_response};

/// Numbers of the convolver's parameters in a chain of nothing else.
const WET: usize = 0;
const DRY: usize = 1;

fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut random = Random(seed);
    (0..frames).map(|_| random.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0).collect()
}

/// Noise that decays to a thousandth.
fn taps(seed: u64, frames: usize) -> Vec<f32> {
    let decay = |n: usize| (-7.0 * n as f32 / frames as f32).exp() / 8.0;
    noise(seed, frames).into_iter().enumerate().map(|(n, tap)| tap * decay(n)).collect()
}

fn sine(frames: usize) -> Vec<f32> {
    (0..frames).map(|n| (n as f32 * 0.01).sin() / 2.0).collect()
}

/// A convolver with its pool, and what it has been given and made so far.
struct Rig<'a> {
    arena: Arena<'a>,
    pool: Pool<'a>,
    chain: Chain<'a, StandardEffects<'a>>,
    frame: usize,
    heard: [Vec<f32>; 2],
    now_ms: f64,
    /// The worker that takes turns between the quanta.
    worker: Option<u32>,
}

impl Rig<'_> {
    fn put(&mut self, channels: &[&[f32]], now: bool) -> u32 {
        put_response(&mut self.arena, &mut self.pool, channels, now)
    }

    fn receive(&mut self, place: u32) {
        self.chain.receive(0, place, &mut self.pool.dispatcher);
    }

    /// Sends a response whose spectra are not computed yet.
    fn swap(&mut self, channels: &[&[f32]]) {
        let place = self.put(channels, false);
        self.receive(place);
    }

    /// Renders more of what is heard, in quanta of the given lengths.
    fn render(&mut self, [left, right]: [&[f32]; 2], quanta: &[usize]) {
        let (mut left, mut right) = (left.to_vec(), right.to_vec());
        let mut start = 0;
        for &quantum in quanta.iter().cycle() {
            let end = (start + quantum).min(left.len());
            self.now_ms += (end - start) as f64 / 48.0;
            if let Some(seat) = self.worker {
                (0..40).for_each(|_| _ = self.pool.workers[seat as usize].turn(self.now_ms));
            }
            self.pool.dispatcher.begin_quantum(self.frame as u64, end - start);
            let planes = [&mut left[start..end], &mut right[start..end]];
            self.chain.process(&mut Quantum::new(planes, self.frame as u64), &mut self.pool.dispatcher);
            self.frame += end - start;
            start = end;
            if start == left.len() {
                break;
            }
        }
        self.heard[0].extend(left);
        self.heard[1].extend(right);
    }

    fn reclaim(&mut self) -> usize {
        self.pool.controller.responses().reclaim(&mut self.arena)
    }

    fn dispatched(&self) -> DispatchTelemetry {
        self.pool.controller.dispatch_telemetry()
    }
}

/// With a convolver that gives the convolved sound alone.
fn with_rig<R>(mebibytes: usize, test: impl FnOnce(&mut Rig<'_>) -> R) -> R {
    let mut memory = Memory::new(mebibytes << 20);
    let mut arena = memory.arena();
    let pool = Pool::new(&mut arena, RATE);
    let mut chain = chain(&mut arena, &["convolver"]);
    chain.set(WET, 1.0);
    chain.set(DRY, 0.0);
    test(&mut Rig { arena, pool, chain, frame: 0, heard: Default::default(), now_ms: 0.0, worker: None })
}

fn bits(planes: &[Vec<f32>; 2]) -> Vec<u32> {
    planes.iter().flatten().map(|sample| sample.to_bits()).collect()
}

fn sum(signal: &[f32], taps: &[f32], n: usize) -> f64 {
    taps.iter().take(n + 1).enumerate().map(|(k, tap)| f64::from(*tap) * f64::from(signal[n - k])).sum()
}

/// What a ConvolverNode makes of a stereo signal.
fn expected(signal: [&[f32]; 2], channels: &[&[f32]], output: usize, n: usize) -> f64 {
    match channels {
        [both] => sum(signal[output], both, n),
        [_, _] => sum(signal[output], channels[output], n),
        _ => sum(signal[0], channels[output], n) + sum(signal[1], channels[2 + output], n),
    }
}

/// In dB below what is expected, over some frames of both channels.
fn error_db(
    heard: &[Vec<f32>; 2],
    signal: [&[f32]; 2],
    channels: &[&[f32]],
    frames: impl Iterator<Item = usize>,
) -> f64 {
    let (mut error, mut power) = (0.0, 0.0);
    for n in frames {
        for (output, heard) in heard.iter().enumerate() {
            let expected = expected(signal, channels, output, n);
            error += (f64::from(heard[n]) - expected).powi(2);
            power += expected.powi(2);
        }
    }
    10.0 * (error / power).log10()
}

#[test]
fn every_length_is_the_direct_sum() {
    let lengths = [
        1, 63, 64, 65, 511, 512, 513, 768, 769, 4095, 4096, 5000, 6144, 6145, 32_767, 32_768, 33_000, 65_536, 65_537,
        100_000, 360_000, 360_001,
    ];
    for length in lengths {
        let frames = length + 3000;
        let (left, right) = (noise(3, frames), noise(5, frames));
        let channels: Vec<Vec<f32>> = (11..15).map(|seed| taps(seed, length)).collect();
        for count in [1, 2, 4] {
            let channels: Vec<&[f32]> = channels.iter().take(count).map(|taps| &taps[..]).collect();
            with_rig(128, |rig| {
                let place = rig.put(&channels, true);
                rig.receive(place);
                rig.render([&left, &right], &[128]);
                let mut random = Random(17);
                let samples = if length > 200_000 {
                    12
                } else if length > 40_000 {
                    60
                } else {
                    200
                };
                let sampled: Vec<usize> =
                    (0..samples).map(|_| usize::try_from(random.below(frames as u64)).unwrap()).collect();
                let all = (0..150).chain(sampled).chain(frames - 20..frames);
                let error = error_db(&rig.heard, [&left, &right], &channels, all);
                assert!(error < -120.0, "{length} taps, {count} channels: {error:.1} dB");
            });
        }
    }
}

#[test]
fn any_split_into_quanta_gives_the_same_bits() {
    let frames = 40_000;
    let (left, right) = (noise(3, frames), noise(5, frames));
    let channels: Vec<Vec<f32>> = (11..15).map(|seed| taps(seed, 70_000)).collect();
    let channels: Vec<&[f32]> = channels.iter().map(|taps| &taps[..]).collect();
    let render = |quanta: &[usize]| {
        with_rig(64, |rig| {
            let place = rig.put(&channels, true);
            rig.receive(place);
            rig.render([&left, &right], quanta);
            bits(&rig.heard)
        })
    };
    let whole = render(&[128]);
    for quanta in [&[1][..], &[127], &[192], &[441], &[4096], &[1, 4096, 37]] {
        assert!(render(quanta) == whole, "{quanta:?}");
    }
}

#[test]
fn a_change_of_the_response_is_at_the_same_frames_in_any_split() {
    let frames = 40_000;
    let (left, right) = (noise(3, frames), noise(5, frames));
    let (a, b) = (taps(11, 20_000), taps(13, 9000));
    let render = |quanta: &[usize], worker: Option<u32>| {
        with_rig(16, |rig| {
            if let Some(seat) = worker {
                rig.pool.controller.take_seat(seat);
                rig.worker = worker;
            }
            let place = rig.put(&[&a], true);
            rig.receive(place);
            rig.render([&left[..8192], &right[..8192]], quanta);
            rig.swap(&[&b, &a]);
            rig.render([&left[8192..], &right[8192..]], quanta);
            (bits(&rig.heard), rig.dispatched().by_workers)
        })
    };
    let (whole, _) = render(&[128], None);
    for quanta in [&[1][..], &[441], &[4096], &[1, 4096, 37]] {
        assert!(render(quanta, None).0 == whole, "{quanta:?}");
    }
    let (assisted, by_workers) = render(&[128], Some(2));
    assert!(assisted == whole, "where it is prepared changes nothing");
    assert!(by_workers > 2);
}

#[test]
fn a_response_is_scaled_as_by_a_convolver_node() {
    for (channels, half) in [(1, 1.0), (2, 1.0), (4, 0.5)] {
        with_rig(16, |rig| {
            let taps = vec![0.25; 100];
            let responses = rig.pool.controller.responses();
            let place = responses.open(&mut rig.arena, 100, channels).unwrap();
            (0..channels).for_each(|channel| responses.write(place, channel, 0, &taps));
            responses.finish(place, Some(RATE), true);
            rig.receive(place);
            let mut impulse = vec![0.0; 128];
            impulse[0] = 1.0;
            rig.render([&impulse, &[0.0; 128]], &[128]);
            // Equal power: 0.25 / rms(0.25) is 1; -58 dB; per sample rate.
            let scale = 10f32.powf(-58.0 / 20.0) * 44_100.0 / RATE * half;
            for n in [0, 63, 64, 99] {
                assert!((rig.heard[0][n] / scale - 1.0).abs() < 1e-5, "{channels}: {} at {n}", rig.heard[0][n]);
            }
            assert!(rig.heard[0][100].abs() < 1e-6 * scale);
        });
    }
}

#[test]
fn without_a_wet_sound_every_bit_is_the_dry_one() {
    with_rig(16, |rig| {
        rig.chain.set(WET, 0.0);
        rig.chain.set(DRY, 1.0);
        let place = rig.put(&[&taps(11, 5000)], true);
        rig.receive(place);
        let mut signal = noise(3, 6000);
        signal[100] = -0.0;
        rig.render([&signal, &signal], &[128]);
        assert_eq!(bits(&rig.heard), bits(&[signal.clone(), signal.clone()]));
        // It was loud, and is faded out again.
        rig.chain.set(WET, 1.0);
        rig.render([&signal, &signal], &[128]);
        rig.chain.set(WET, 0.0);
        rig.render([&signal[..1024], &signal[..1024]], &[128]);
        assert_eq!(rig.heard[0][12_100..], signal[100..1024]);
    });
}

/// A pure delay.
fn delay(frames: usize, gain: f32) -> Vec<f32> {
    let mut taps = vec![0.0; frames + 1];
    taps[frames] = gain;
    taps
}

#[test]
fn the_old_response_rings_out_and_the_new_one_follows_without_a_step() {
    let frames = 60_000;
    let signal = sine(frames);
    with_rig(32, |rig| {
        let place = rig.put(&[&delay(30_000, 1.0)], true);
        rig.receive(place);
        rig.render([&signal[..8192], &signal[..8192]], &[128]);
        rig.swap(&[&delay(100, 0.5)]);
        rig.render([&signal[8192..], &signal[8192..]], &[128]);
        let change = 8192 + RESPONSE_SLACK_FRAMES;
        // The input goes from one to the other in a straight line, and each delays what it got.
        let share = |n: usize| (n.saturating_sub(change) as f32 / RESPONSE_FADE_FRAMES as f32).min(1.0);
        for n in 0..frames {
            let old = n.checked_sub(30_000).map_or(0.0, |n| signal[n] * (1.0 - share(n)));
            let new = n.checked_sub(100).map_or(0.0, |n| signal[n] * share(n) * 0.5);
            let heard = rig.heard[0][n];
            assert!((heard - old - new).abs() < 1e-5, "frame {n}: {heard} instead of {}", old + new);
        }
        assert_eq!(rig.reclaim(), 1, "the old one came home");
    });
}

#[test]
fn responses_that_come_faster_than_they_ring_out_make_no_step() {
    let (rounds, frames) = (12, 12_000);
    let signal = sine((rounds + 1) * frames);
    with_rig(64, |rig| {
        for round in 0..rounds {
            let part = &signal[round * frames..][..frames];
            rig.swap(&[&delay(15_000 + 100 * round, 1.0), &delay(round, 1.0)]);
            rig.render([part, part], &[128]);
            rig.reclaim();
        }
        for plane in &rig.heard {
            // At most three sines of slope 0.005 are heard at once, each with a ramp of 0.5 over 1024 frames.
            let steepest = plane.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(steepest < 3.0 * (0.005 + 0.5 / 1024.0), "{steepest}");
            assert!(plane.iter().any(|sample| sample.abs() > 0.4));
        }
        let silence = vec![0.0; 120_000];
        rig.render([&silence, &silence], &[128]);
        assert_eq!(rig.reclaim(), 1);
    });
}

#[test]
fn a_hundred_responses_take_the_memory_of_two() {
    with_rig(8, |rig| {
        let silence = vec![0.0; 20_000];
        let before = rig.arena.used_bytes();
        let frames = |round: u64| 4000 + 37 * usize::try_from(round).unwrap();
        let mut most = 0;
        for round in 0..100 {
            let response = taps(round + 1, frames(round));
            rig.swap(&[&response, &response]);
            rig.render([&silence, &silence], &[512]);
            assert!(rig.reclaim() <= 2, "round {round}");
            most = most.max(rig.arena.used_bytes());
        }
        let longest = rig.pool.controller.responses().needed_bytes(frames(99), 2).unwrap();
        // Each begins on a line of the cache.
        assert!(most - before <= 2 * (longest + 64), "{} bytes, of which one has {longest}", most - before);
        assert_eq!(rig.dispatched().refused, 0);
    });
}

#[test]
fn of_responses_sent_at_once_the_last_one_sounds() {
    with_rig(32, |rig| {
        for round in 1..=6 {
            rig.swap(&[&delay(round * 50, 1.0)]);
        }
        let silence = vec![0.0; 60_000];
        rig.render([&silence, &silence], &[128]);
        assert_eq!(rig.reclaim(), 1);
        let mut impulse = vec![0.0; 1000];
        impulse[0] = 1.0;
        rig.render([&impulse, &impulse], &[128]);
        let heard: Vec<usize> = (0..1000).filter(|n| rig.heard[0][60_000 + n].abs() > 0.5).collect();
        assert_eq!(heard, [300]);
    });
}

#[test]
fn a_worker_that_dies_while_it_prepares_a_response_loses_nothing() {
    let signal = noise(3, 20_000);
    let response = taps(11, 40_000);
    for turns in 1..12 {
        with_rig(32, |rig| {
            rig.pool.controller.take_seat(0);
            rig.pool.controller.take_seat(1);
            rig.worker = Some(1);
            let silence = vec![0.0; 60_000];
            rig.render([&silence, &silence], &[128]);
            rig.worker = None;
            rig.swap(&[&response, &response]);
            rig.render([&silence[..128], &silence[..128]], &[128]);
            (0..turns).for_each(|_| _ = rig.pool.workers[0].turn(rig.now_ms + 2.0));
            let claimed = rig.pool.controller.claimed_by(0);
            rig.pool.controller.dismiss(0, Loss::Missed, rig.now_ms);
            rig.worker = Some(1);
            rig.render([&silence[..30_000], &silence[..30_000]], &[128]);
            rig.pool.controller.bury(0);
            rig.render([&silence[..30_000], &silence[..30_000]], &[128]);
            let start = rig.frame;
            rig.render([&signal, &signal], &[128]);
            let heard = rig.heard.each_ref().map(|plane| plane[start..].to_vec());
            let frames = (0..100).chain((0..20_000).step_by(211));
            let error = error_db(&heard, [&signal, &signal], &[&response, &response], frames);
            assert!(error < -120.0, "{turns} turns, {claimed} claimed: {error:.1} dB");
        });
    }
}

#[test]
fn a_region_stays_while_an_abandoned_worker_may_write_in_it() {
    with_rig(32, |rig| {
        let silence = vec![0.0; 60_000];
        let response = taps(11, 40_000);
        let place = rig.put(&[&response], true);
        rig.receive(place);
        (0..2).for_each(|seat| rig.pool.controller.take_seat(seat));
        rig.worker = Some(1);
        rig.render([&silence, &silence], &[128]);
        rig.worker = None;
        while rig.pool.controller.claimed_by(0) == 0 {
            rig.render([&silence[..128], &silence[..128]], &[128]);
            rig.now_ms += 2.0;
            rig.pool.workers[0].turn(rig.now_ms);
        }
        rig.pool.controller.dismiss(0, Loss::Missed, rig.now_ms);
        rig.worker = Some(1);
        let other = rig.put(&[&delay(10, 1.0)], true);
        rig.receive(other);
        rig.render([&silence, &silence], &[128]);
        assert_eq!(rig.reclaim(), 2, "a worker may still write");
        rig.pool.controller.bury(0);
        rig.render([&silence[..256], &silence[..256]], &[128]);
        assert_eq!(rig.reclaim(), 1);
    });
}

#[test]
fn begun_anew_it_is_as_new() {
    let (left, right) = (noise(3, 20_000), noise(5, 20_000));
    let response = taps(11, 30_000);
    for worker in [None, Some(0)] {
        with_rig(32, |rig| {
            if let Some(seat) = worker {
                rig.pool.controller.take_seat(seat);
                rig.worker = worker;
            }
            let place = rig.put(&[&response], true);
            rig.receive(place);
            rig.render([&left, &right], &[128]);
            rig.chain.reset();
            rig.render([&left, &right], &[128]);
            for plane in &rig.heard {
                let (before, after) = plane.split_at(20_000);
                assert!(before == after);
            }
        });
    }
}

#[test]
fn a_job_too_many_is_counted_and_its_block_is_faded() {
    let mut memory = Memory::new(256 << 20);
    let mut arena = memory.arena();
    let mut pool = Pool::new(&mut arena, RATE);
    let names = vec!["convolver"; 1];
    let response = delay(70_000, 0.0).into_iter().enumerate().map(|(n, _)| if n % 4000 == 0 { 0.05 } else { 0.0 });
    let response: Vec<f32> = response.collect();
    let mut chains: Vec<_> = (0..REGIONS)
        .map(|_| {
            let mut chain = chain(&mut arena, &names);
            chain.set(WET, 1.0);
            chain.set(DRY, 0.0);
            let place = put_response(&mut arena, &mut pool, &[&response], true);
            chain.receive(0, place, &mut pool.dispatcher);
            chain
        })
        .collect();
    let frames = 60_000;
    let signal = sine(frames);
    let mut heard = vec![Vec::new(); REGIONS];
    for start in (0..frames - 127).step_by(128) {
        pool.dispatcher.begin_quantum(start as u64, 128);
        for (chain, heard) in chains.iter_mut().zip(&mut heard) {
            let (mut left, mut right) = (signal[start..start + 128].to_vec(), [0.0; 128]);
            chain.process(&mut Quantum::new([&mut left, &mut right], start as u64), &mut pool.dispatcher);
            heard.extend(left);
        }
    }
    assert!(pool.controller.dispatch_telemetry().refused > 0, "there is room for 64 jobs, not for 72");
    assert!(heard.iter().any(|other| *other != heard[0]), "it is heard");
    for plane in &heard {
        let steepest = plane.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // 18 sines of slope 0.00025, and seams of at most 0.45 over 64 frames.
        assert!(steepest < 0.0045 + 0.45 / 64.0, "{steepest}");
    }
}

#[test]
fn what_finds_no_room_says_how_much_it_needs() {
    with_rig(8, |rig| {
        let responses = rig.pool.controller.responses();
        let needed = responses.needed_bytes(480_000, 2).unwrap();
        match responses.open(&mut rig.arena, 480_000, 2) {
            Err(ConfigError::OutOfMemory { needed_bytes, available_bytes }) => {
                assert_eq!(needed_bytes, needed);
                assert!((15 << 20..24 << 20).contains(&needed), "{needed}");
                assert!(available_bytes < 8 << 20);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(responses.open(&mut rig.arena, 0, 2), Err(ConfigError::Count { actual: 0, .. })));
        assert!(matches!(responses.open(&mut rig.arena, 100, 3), Err(ConfigError::Count { actual: 3, .. })));
        assert!(matches!(responses.open(&mut rig.arena, 2_000_000, 1), Err(ConfigError::Count { .. })));
        assert_eq!(responses.reclaim(&mut rig.arena), 0);
    });
}

#[test]
fn what_cannot_be_a_response_is_silent() {
    with_rig(8, |rig| {
        for place in [7, u32::MAX] {
            rig.receive(place);
            rig.render([&[0.5; 256], &[0.5; 256]], &[128]);
        }
        assert!(rig.heard[0].iter().all(|&sample| sample == 0.0));
        // Nor is one that another convolver has.
        let place = rig.put(&[&delay(0, 1.0)], true);
        rig.receive(place);
        rig.render([&[0.5; 4096], &[0.5; 4096]], &[128]);
        rig.receive(place);
        rig.render([&[0.5; 256], &[0.5; 256]], &[128]);
        assert_eq!(rig.heard[0].last(), Some(&0.5));
    });
}

#[test]
fn jobs_of_the_page_go_on_beside_it() {
    with_rig(16, |rig| {
        rig.pool.controller.take_seat(0);
        rig.worker = Some(0);
        let place = rig.put(&[&taps(11, 30_000)], true);
        rig.receive(place);
        let ticket = rig.pool.controller.reserve(job::test(1, 3, None), |_| ()).unwrap();
        rig.pool.controller.submit(ticket, Class::Interactive);
        let signal = noise(3, 60_000);
        rig.render([&signal, &signal], &[128]);
        assert!(rig.pool.controller.output(ticket, |output| output[0]).is_some());
        let DispatchTelemetry { by_workers, own, .. } = rig.dispatched();
        assert!(by_workers > own, "{:?}", rig.dispatched());
    });
}
