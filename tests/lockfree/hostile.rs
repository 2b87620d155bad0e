//! Structures whose memory somebody else scribbles over between any two operations. Nothing that they then say is
//! worth anything; but each operation ends, and reads and writes only what is theirs.

use rusty_audio_engine::config::REGIONS;
use rusty_audio_engine::lockfree::board::{Class, Descriptor, board};
use rusty_audio_engine::lockfree::histogram::Histogram;
use rusty_audio_engine::lockfree::latest::latest;
use rusty_audio_engine::lockfree::recorder::recorder_from;
use rusty_audio_engine::lockfree::regions::{Region as Lent, Span, regions};
use rusty_audio_engine::lockfree::ring::ring_from;

use crate::region::Region;
use crate::script::{Script, words};

const OPERATIONS: u32 = 48;

/// A structure on hostile ground: it is built in the region and operated as the script says.
pub type Trial = fn(&Region, &mut Script<'_>);

/// Every trial by its name, with the bytes of its region: no more than it needs, so that most scribbles hit something.
pub const TRIALS: [(&str, Trial, usize); 6] = [
    ("ring", ring, 2048),
    ("latest", newest, 2048),
    ("board", jobs, 2048),
    ("recorder", events, 2048),
    ("regions", lent, 4096),
    ("histogram", durations, 2048),
];

fn scribble(region: &Region, script: &mut Script<'_>) {
    for _ in 0..script.below(3) {
        region.scribble(script.word(), script.word());
    }
}

fn ring(region: &Region, script: &mut Script<'_>) {
    let planes = 1 + script.below(2) as usize;
    let capacity = 1 << script.below(5);
    let first = script.first_index();
    // SAFETY: what the trial before built is gone.
    let mut arena = unsafe { region.arena() };
    let (mut producer, mut consumer) = ring_from::<u32>(&mut arena, planes, capacity, first).unwrap();
    let gauge = producer.gauge();
    for _ in 0..OPERATIONS {
        scribble(region, script);
        let frames = if script.below(8) == 0 { script.word() } else { script.below(2 * capacity) };
        let mut touched = 0;
        let passed = match script.below(5) {
            0 => producer.write(frames, |_, _, run| touched += run.iter_mut().map(|item| *item = 7).count()),
            1 => consumer.read(frames, |_, _, run| touched += run.len()),
            2 => consumer.peek(script.word(), frames, |_, _, run| touched += run.len()),
            3 => consumer.skip(frames),
            _ => producer.space().max(consumer.available()).max(gauge.fill_level()),
        };
        assert!(passed <= capacity && touched <= planes * capacity as usize);
        if planes == 1 {
            // What they return is any word that lies in the ring.
            _ = (producer.push(9), consumer.get(script.word()), consumer.pop());
        }
    }
}

fn newest(region: &Region, script: &mut Script<'_>) {
    // SAFETY: what the trial before built is gone.
    let (mut publisher, mut reader) = latest::<[u32; 20]>(&mut unsafe { region.arena() }).unwrap();
    for _ in 0..OPERATIONS {
        scribble(region, script);
        match script.below(2) {
            0 => publisher.publish([script.word(); 20]),
            _ => _ = core::hint::black_box(reader.read()),
        }
    }
}

fn events(region: &Region, script: &mut Script<'_>) {
    let capacity = 1 << script.below(4);
    // SAFETY: what the trial before built is gone.
    let ends = recorder_from::<[u32; 8]>(&mut unsafe { region.arena() }, capacity, script.first_index());
    let (mut recorder, mut replay) = ends.unwrap();
    for _ in 0..OPERATIONS {
        scribble(region, script);
        match script.below(2) {
            0 => recorder.record([script.word(); 8]),
            _ => _ = core::hint::black_box(replay.next_event()),
        }
    }
}

fn durations(region: &Region, script: &mut Script<'_>) {
    // SAFETY: what the trial before built is gone.
    let histogram = &*unsafe { region.arena() }.place(Histogram::new()).unwrap();
    for _ in 0..OPERATIONS {
        scribble(region, script);
        let before = histogram.read();
        histogram.record(script.word());
        let window = histogram.read().since(&before);
        assert_eq!(window.count(), 1);
        core::hint::black_box(histogram.read().quantile_us(script.below(2000)));
    }
}

fn jobs(region: &Region, script: &mut Script<'_>) {
    // SAFETY: what the trial before built is gone.
    let (mut poster, notices) = board::<3>(&mut unsafe { region.arena() }, 5, 3).unwrap();
    let mut claimers = [notices.claimer(0), notices.claimer(15)];
    let mut claims = [None, None];
    let mut tickets = Vec::new();
    for _ in 0..OPERATIONS {
        scribble(region, script);
        let owner = script.below(2) as usize;
        match script.below(8) {
            0 | 1 => {
                let descriptor = Descriptor { kind: script.word(), slices: script.word(), arguments: [0; 6] };
                if let Some(ticket) = poster.reserve(descriptor, |input| assert_eq!(input.len(), 5)) {
                    poster.post(ticket, Class::RealTime, script.word());
                    tickets.push(ticket);
                }
            }
            2 if !tickets.is_empty() => {
                let ticket = tickets[script.place(tickets.len())];
                _ = core::hint::black_box(poster.stage(ticket));
                poster.output(ticket, |output| assert_eq!(output.len(), 3));
                poster.input(ticket, |input| assert_eq!(input.len(), 5));
                match script.below(3) {
                    0 => _ = poster.withdraw(ticket),
                    1 => poster.release(ticket),
                    _ => {}
                }
            }
            3 => notices.bury(script.word()),
            4 | 5 => {
                let offers: Vec<_> = claimers[owner].offers().collect();
                assert!(offers.len() <= 3);
                if let Some(&offer) = offers.get(script.below(3) as usize) {
                    claims[owner] = claimers[owner].claim(offer).or(claims[owner].take());
                }
            }
            6 => {
                if let Some(claim) = claims[owner].take() {
                    claimers[owner].compute(&claim, |_, input, output| {
                        assert_eq!((input.len(), output.len()), (5, 3));
                        output.fill(input[4]);
                    });
                    claimers[owner].progress(&claim, script.word());
                    match script.below(2) {
                        0 => _ = claimers[owner].complete(claim, script.word()),
                        _ => claimers[owner].fail(claim),
                    }
                }
            }
            _ => assert!(poster.free_slots() <= 3),
        }
    }
}

/// Reaches all of a region that should have so many samples. Returns where they lie.
fn reach(lent: &Lent<'_>, samples: usize) -> *const f32 {
    let all = |samples| [Span::new(0, samples)];
    // SAFETY: one thread plays all roles.
    let first = unsafe { lent.reach_unguarded(all(samples), [], |[all], []| (all.fill(3.0), all.as_ptr()).1) };
    // SAFETY: as above.
    assert_eq!(unsafe { lent.reach_unguarded([], all(samples + 1), |_, _| ()) }, None, "no more than was lent");
    first.expect("all that was lent")
}

fn lent(region: &Region, script: &mut Script<'_>) {
    // SAFETY: what the trial before built is gone.
    let mut arena = unsafe { region.arena() };
    let tract = arena.tract(5).unwrap();
    let (mut registrar, table) = regions(&mut arena).unwrap();
    // Where each region lies, and how many samples it has.
    let mut truths = [None; REGIONS + 1];
    truths[REGIONS] = table.of_tract(&tract, [9; 3]).map(|lent| (reach(&lent, 5), 5));
    for _ in 0..OPERATIONS {
        scribble(region, script);
        let (place, shape) = (script.below(25), [script.word(); 3]);
        let found = match script.below(9) {
            0 | 1 => {
                let samples = script.below(24) as usize;
                let place = registrar.lend(&mut arena, samples, shape).ok().flatten();
                let lent = place.and_then(|place| registrar.filling(place));
                if let Some(lent) = lent {
                    truths[lent.place() as usize] = Some((reach(&lent, samples), samples));
                }
                lent
            }
            2 => {
                registrar.reshape(place, shape);
                registrar.filling(place)
            }
            3 => {
                registrar.send(place);
                table.take(place)
            }
            4 => {
                registrar.discard(&mut arena, place);
                table.taken(script.word())
            }
            5 => {
                assert!(registrar.reclaim(&mut arena) <= REGIONS);
                registrar.filling(place)
            }
            6 => {
                let lent = table.taken(place);
                lent.into_iter().for_each(Lent::give_back);
                lent
            }
            7 => table.of_tract(&tract, shape),
            _ => table.taken(place),
        };
        if let Some(lent) = found {
            let (first, samples) = truths[lent.place() as usize].expect("it was lent");
            assert_eq!(reach(&lent, samples), first, "it leads to where it was lent");
            let [shape, rest @ ..] = lent.shape();
            assert_eq!(rest, [shape; 2], "a shape that it was given");
        }
    }
}

/// Plays one trial per seed, all of them in turn.
///
/// # Panics
/// When one goes out of bounds.
pub fn play(seeds: impl Iterator<Item = u64>) {
    let regions = TRIALS.map(|(.., bytes)| Region::new(bytes));
    for seed in seeds {
        for ((number, (name, trial, _)), region) in (0..).zip(TRIALS).zip(&regions) {
            trial(region, &mut Script::new(&words(seed * TRIALS.len() as u64 + number, 300)));
            assert!(region.is_intact(), "{name} wrote outside of its memory with seed {seed}");
        }
    }
}
