//! Small scenes between two or three threads, for loom to play in every order.

use std::cell::Cell;

use loom::thread::spawn;
use rusty_audio_engine::Arena;
use rusty_audio_engine::lockfree::board::{Claimer, Class, Descriptor, Poster, Stage, Ticket, board};
use rusty_audio_engine::lockfree::counter::Counter;
use rusty_audio_engine::lockfree::histogram::Histogram;
use rusty_audio_engine::lockfree::latest::latest;
use rusty_audio_engine::lockfree::recorder::{Replay, recorder_from};
use rusty_audio_engine::lockfree::ring::{Consumer, Producer, ring_from};

use crate::regions::{job, journal, there_and_back, tract};

/// One scene.
pub struct Model {
    /// What it shows.
    pub name: &'static str,
    /// Builds the structure and plays it once. Whether the roles change their threads is the second argument: loom's
    /// first thread is not like the others.
    pub play: fn(&mut Arena<'static>, bool),
    /// What must happen in some order, by number.
    pub outcomes: &'static [&'static str],
    /// Orders that loom must find at least.
    pub orders: usize,
    /// See [`remember_loads`](rusty_audio_engine::lockfree::atomics::model::remember_loads).
    pub remember_loads: bool,
    /// How often a thread may be interrupted; `None` is any number.
    pub preemptions: Option<usize>,
}

std::thread_local! {
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

/// The outcomes that were seen since the last call, one bit each.
pub fn take_outcomes() -> u32 {
    SEEN.take()
}

pub fn saw(outcome: usize, happened: bool) {
    SEEN.set(SEEN.get() | u32::from(happened) << outcome);
}

/// Plays both roles, one on loom's first thread.
pub fn both<A: 'static, B: 'static>(
    swapped: bool,
    a: impl FnOnce() -> A + 'static,
    b: impl FnOnce() -> B + 'static,
) -> (A, B) {
    if swapped {
        let other = spawn(b);
        let own = a();
        (own, other.join().unwrap())
    } else {
        let other = spawn(a);
        let own = b();
        (other.join().unwrap(), own)
    }
}

const BEFORE_WRAP: u32 = u32::MAX;

/// Every scene.
pub const MODELS: &[Model] = &[
    Model {
        name: "a ring of one",
        play: |arena, swapped| items(ring_from(arena, 1, 1, 0).unwrap(), swapped, 3),
        outcomes: &["found it full", "found it empty", "an item passed while both ran"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a ring of two, across 2³²",
        play: |arena, swapped| items(ring_from(arena, 1, 2, BEFORE_WRAP).unwrap(), swapped, 3),
        outcomes: &["found it full", "found it empty", "an item passed while both ran"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a ring of two, across 2³¹",
        play: |arena, swapped| items(ring_from(arena, 1, 2, (1 << 31) - 1).unwrap(), swapped, 3),
        outcomes: &["found it full", "found it empty", "an item passed while both ran"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a ring of two planes, in blocks",
        play: |arena, swapped| blocks(ring_from(arena, 2, 2, BEFORE_WRAP).unwrap(), swapped),
        outcomes: &["a block did not fit", "nothing was there", "a whole block passed while both ran"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a triple buffer",
        play: newest,
        outcomes: &["saw none", "saw the first", "saw a later one while both ran"],
        orders: 50,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a flight recorder of one",
        play: |arena, swapped| events(arena, swapped, 1, BEFORE_WRAP, 2),
        outcomes: &["saw none", "saw one while both ran", "lost one"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a flight recorder of two",
        play: |arena, swapped| events(arena, swapped, 2, 0, 3),
        outcomes: &["saw none", "saw one while both ran", "lost one"],
        orders: 100,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a job that may be taken back",
        play: taken_back,
        outcomes: &["done in time", "taken back unclaimed", "abandoned while it ran"],
        orders: 15,
        remember_loads: true,
        preemptions: Some(4),
    },
    Model {
        name: "two jobs in one slot, one after the other",
        play: one_slot,
        outcomes: &["both were done", "the slot was still in use"],
        orders: 100,
        remember_loads: true,
        preemptions: Some(4),
    },
    Model {
        name: "two workers and one job",
        play: two_workers,
        outcomes: &["the first had it", "the second had it"],
        orders: 50,
        remember_loads: true,
        preemptions: Some(4),
    },
    Model {
        name: "a dead worker is buried while the poster goes on",
        play: burial,
        outcomes: &["the slot was free again", "the slot was not free yet"],
        orders: 5,
        remember_loads: true,
        preemptions: Some(4),
    },
    Model {
        name: "counts",
        play: counts,
        outcomes: &["saw nothing", "saw a part", "saw all while both ran"],
        orders: 5,
        remember_loads: false,
        preemptions: Some(4),
    },
    Model {
        name: "a region, there and back, twice in the same memory",
        play: there_and_back,
        outcomes: &["it was not sent yet", "the first came home while both ran", "both were taken while both ran"],
        orders: 1_000,
        remember_loads: true,
        preemptions: Some(4),
    },
    Model {
        name: "a job in a region",
        play: job,
        outcomes: &["done in time", "taken back", "the region came home while both ran"],
        orders: 200,
        remember_loads: true,
        preemptions: Some(2),
    },
    Model {
        name: "a journal of a region",
        play: journal,
        outcomes: &["nothing was noted", "a part was noted", "all was noted while both ran"],
        orders: 30,
        remember_loads: false,
        preemptions: None,
    },
    Model {
        name: "a job in a tract",
        play: tract,
        outcomes: &["done in time", "taken back"],
        orders: 100,
        remember_loads: true,
        preemptions: Some(3),
    },
];

type Ring = (Producer<'static, u32>, Consumer<'static, u32>);

fn items((mut producer, mut consumer): Ring, swapped: bool, attempts: u32) {
    let produce = move || {
        let mut pushed = 0;
        for _ in 0..attempts {
            match producer.push(pushed) {
                Ok(()) => pushed += 1,
                Err(_) => saw(0, true),
            }
        }
        pushed
    };
    let consume = move || {
        let mut popped = 0;
        for _ in 0..attempts {
            match consumer.pop() {
                Some(item) => {
                    assert_eq!(item, popped, "in order, each once");
                    popped += 1;
                }
                None => saw(1, true),
            }
        }
        (popped, consumer)
    };
    let (pushed, (mut popped, mut consumer)) = both(swapped, produce, consume);
    saw(2, popped > 0);
    while let Some(item) = consumer.pop() {
        assert_eq!(item, popped, "in order, each once");
        popped += 1;
    }
    assert_eq!(popped, pushed, "nothing is lost");
}

fn blocks((mut producer, mut consumer): Ring, swapped: bool) {
    let produce = move || {
        let mut next = 0;
        for _ in 0..2 {
            let written = producer.write(2, |plane, offset, run| {
                for (item, place) in run.iter_mut().zip(offset..) {
                    *item = next + u32::try_from(plane + place).unwrap();
                }
            });
            saw(0, written < 2);
            next += written;
        }
        next
    };
    let consume = move || {
        let mut next = 0;
        for _ in 0..3 {
            let read = consumer.read(2, |plane, offset, run| {
                for (&item, place) in run.iter().zip(offset..) {
                    assert_eq!(item, next + u32::try_from(plane + place).unwrap(), "in order, in every plane");
                }
            });
            saw(1, read == 0);
            saw(2, read == 2);
            next += read;
        }
        (next, consumer)
    };
    let (written, (read, mut consumer)) = both(swapped, produce, consume);
    assert_eq!(read + consumer.available(), written, "nothing is lost");
}

fn newest(arena: &mut Arena<'static>, swapped: bool) {
    let (mut publisher, mut reader) = latest::<[u32; 2]>(arena).unwrap();
    let publish = move || (1..=3).for_each(|number| publisher.publish([number; 2]));
    let read = move || {
        let mut last = 0;
        for _ in 0..3 {
            let value = reader.read();
            assert_eq!(value[0], value[1], "never torn");
            assert!(value[0] >= last, "never older than before");
            last = value[0];
            saw(last.min(2) as usize, true);
        }
        reader
    };
    let ((), mut reader) = both(swapped, publish, read);
    assert_eq!(reader.read(), [3; 2], "the newest in the end");
}

fn events(arena: &mut Arena<'static>, swapped: bool, capacity: u32, first: u32, events: u32) {
    fn look(replay: &mut Replay<'static, [u32; 2]>, next: &mut u32, seen: &mut u32) -> bool {
        let Some([number, again]) = replay.next_event() else { return false };
        assert_eq!(number, again, "never torn");
        assert!(number >= *next, "in order, each once");
        *next = number + 1;
        *seen += 1;
        true
    }
    let (mut recorder, mut replay) = recorder_from::<[u32; 2]>(arena, capacity, first).unwrap();
    let record = move || (0..events).for_each(|number| recorder.record([number; 2]));
    let read = move || {
        let (mut next, mut seen) = (0, 0);
        for _ in 0..2 {
            let found = look(&mut replay, &mut next, &mut seen);
            saw(usize::from(found), true);
        }
        (replay, next, seen)
    };
    let ((), (mut replay, mut next, mut seen)) = both(swapped, record, read);
    while look(&mut replay, &mut next, &mut seen) {}
    saw(2, replay.lost() > 0);
    assert_eq!(next, events, "the last one is there in the end");
    assert_eq!(seen + replay.lost(), events, "each is seen or counted as lost");
}

const JOB: Descriptor = Descriptor { kind: 4, slices: 1, arguments: [7; 6] };

fn post<const SLOTS: usize>(poster: &mut Poster<'static, SLOTS>, value: f32) -> Option<Ticket> {
    let ticket = poster.reserve(JOB, |input| input.fill(value))?;
    poster.post(ticket, Class::RealTime, 5);
    Some(ticket)
}

/// Claims and computes one job if there is one. Returns whether it had one.
fn work(claimer: &mut Claimer<'static>) -> bool {
    let offer = claimer.offers().next();
    let Some(claim) = offer.and_then(|offer| claimer.claim(offer)) else { return false };
    assert_eq!(claim.descriptor(), &JOB);
    assert_eq!(offer.unwrap().deadline, 5);
    claimer.progress(&claim, 1);
    claimer.compute(&claim, |_, input, output| output.fill(-input[0]));
    assert!(claimer.complete(claim, 3), "its owner is alive");
    true
}

fn taken_back(arena: &mut Arena<'static>, swapped: bool) {
    let (mut poster, notices) = board::<1>(arena, 1, 1).unwrap();
    let mut claimer = notices.claimer(2);
    let post = move || {
        let ticket = post(&mut poster, 4.0).unwrap();
        let stage = poster.stage(ticket);
        let output = poster.output(ticket, |output| output[0]);
        assert!(output.is_none_or(|result| result == -4.0));
        if let Stage::Done { execution_us } = stage {
            assert_eq!((output, execution_us), (Some(-4.0), 3));
        }
        saw(0, output.is_some());
        poster.withdraw(ticket);
        assert_eq!(poster.input(ticket, |input| input[0]), Some(4.0), "it stays readable");
        poster.release(ticket);
        if output.is_none() {
            saw(1, poster.free_slots() == 1);
            saw(2, poster.free_slots() == 0);
        }
        poster
    };
    let (mut poster, _) = both(swapped, post, move || work(&mut claimer));
    assert_eq!(poster.free_slots(), 1, "no slot is lost");
}

fn one_slot(arena: &mut Arena<'static>, swapped: bool) {
    let (mut poster, notices) = board::<1>(arena, 1, 1).unwrap();
    let mut claimer = notices.claimer(2);
    let post = move || {
        let mut done = 0;
        for value in [4.0, 5.0] {
            let Some(ticket) = post(&mut poster, value) else {
                saw(1, true);
                continue;
            };
            for _ in 0..2 {
                if let Some(result) = poster.output(ticket, |output| output[0]) {
                    assert_eq!(result, -value, "its own result");
                    done += 1;
                    break;
                }
            }
            poster.release(ticket);
        }
        saw(0, done == 2);
        poster
    };
    let (mut poster, _) = both(swapped, post, move || (work(&mut claimer), work(&mut claimer)));
    assert_eq!(poster.free_slots(), 1, "no slot is lost");
}

fn two_workers(arena: &mut Arena<'static>, swapped: bool) {
    let (mut poster, notices) = board::<1>(arena, 1, 1).unwrap();
    let (mut first, mut second) = (notices.claimer(1), notices.claimer(2));
    let first = spawn(move || work(&mut first));
    let post = move || {
        let ticket = post(&mut poster, 4.0).unwrap();
        (ticket, poster)
    };
    let ((ticket, mut poster), second) = both(swapped, post, move || work(&mut second));
    let first = first.join().unwrap();
    saw(0, first);
    saw(1, second);
    assert!(!(first && second), "one job has one owner");
    assert_eq!(poster.output(ticket, |output| output[0]), (first || second).then_some(-4.0));
    poster.release(ticket);
    assert_eq!(poster.free_slots(), 1, "no slot is lost");
}

fn burial(arena: &mut Arena<'static>, swapped: bool) {
    let (mut poster, notices) = board::<1>(arena, 1, 1).unwrap();
    let mut claimer = notices.claimer(2);
    let ticket = post(&mut poster, 4.0).unwrap();
    let offer = claimer.offers().next().unwrap();
    let claim = claimer.claim(offer).unwrap();
    let death = spawn(move || claimer.compute(&claim, |_, _, output| output.fill(9.0)));
    let bury = move || {
        // That it does not run any more is known by other means.
        death.join().unwrap();
        notices.bury(2);
    };
    let go_on = move || {
        poster.release(ticket);
        let next = post(&mut poster, 6.0);
        saw(usize::from(next.is_none()), true);
        if let Some(next) = next {
            assert_eq!((poster.stage(next), poster.stage(ticket)), (Stage::Unclaimed, Stage::Lost));
            poster.release(next);
        }
        poster
    };
    let ((), mut poster) = both(swapped, bury, go_on);
    assert_eq!(poster.free_slots(), 1, "no slot is lost");
}

fn counts(arena: &mut Arena<'static>, swapped: bool) {
    let histogram: &'static Histogram = arena.place(Histogram::new()).unwrap();
    let counter: &'static Counter = arena.place(Counter::new()).unwrap();
    let count = || {
        counter.add(u32::MAX);
        histogram.record(5);
        histogram.record(5);
        counter.add(3);
    };
    let look = || {
        let count = histogram.read().count();
        assert!(count <= 2, "never more than there were");
        saw(usize::try_from(count).unwrap(), true);
        let first = histogram.read();
        assert!(histogram.read().since(&first).count() <= 2, "never fewer than before");
    };
    both(swapped, count, look);
    let end = histogram.read();
    assert_eq!((end.count(), end.max_us(), counter.read()), (2, 5, 2));
}
