//! One end of a structure each, for a thread of its own. A role ends by itself, says what it saw that must not be, and
//! neither allocates nor panics, so that a bare instance of a module can play it.

pub mod regions;

use core::sync::atomic::{AtomicU32, Ordering};

use rusty_audio_engine::lockfree::board::{Claimer, Class, Descriptor, Poster, Stage, Ticket};
use rusty_audio_engine::lockfree::latest::{Publisher, Reader};
use rusty_audio_engine::lockfree::recorder::{Recorder, Replay};
use rusty_audio_engine::lockfree::ring::{Consumer, Producer};

/// How a role went.
pub type Verdict = Result<(), &'static str>;

/// What plane `plane` has `offset` frames after frame `number`.
#[expect(clippy::cast_possible_truncation, reason = "at most a ring's capacity")]
fn frame(number: u32, plane: usize, offset: usize) -> u32 {
    number.wrapping_add((plane + offset) as u32)
}

fn law(holds: bool, otherwise: &'static str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Writes frames `0..count` in blocks of up to 37; plane `p` of frame `n` is `n + p`.
///
/// # Errors
/// What must not be.
pub fn produce(mut producer: Producer<'_, u32>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut next = 0u32;
    while next < count {
        let written = producer.write((1 + next % 37).min(count - next), |plane, offset, run| {
            for (item, number) in run.iter_mut().zip(frame(next, plane, offset)..) {
                *item = number;
            }
        });
        next += written;
        law(producer.space() <= producer.capacity(), "more room than there is")?;
        if written == 0 {
            give_way();
        }
    }
    Ok(())
}

/// Reads frames `0..count` in blocks of up to 23.
///
/// # Errors
/// What must not be.
pub fn consume(mut consumer: Consumer<'_, u32>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut next = 0u32;
    while next < count {
        let mut right = true;
        let read = consumer.read(1 + next % 23, |plane, offset, run| {
            for (&item, number) in run.iter().zip(frame(next, plane, offset)..) {
                right &= item == number;
            }
        });
        law(right, "a frame is lost, torn or doubled")?;
        next += read;
        if read == 0 {
            give_way();
        }
    }
    law(consumer.available() == 0, "more frames than were written")
}

/// Publishes values `1..=count`.
///
/// # Errors
/// Never; as the other roles.
pub fn publish(mut publisher: Publisher<'_, [u32; 24]>, count: u32, give_way: impl Fn()) -> Verdict {
    for number in 1..=count {
        publisher.publish([number; 24]);
        if number % 64 == 0 {
            give_way();
        }
    }
    Ok(())
}

/// Reads until it has seen value `count`.
///
/// # Errors
/// What must not be.
pub fn read(mut reader: Reader<'_, [u32; 24]>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut last = 0;
    while last < count {
        let value = reader.read();
        law(value.iter().all(|&word| word == value[0]), "a torn value")?;
        law(value[0] >= last, "an older value after a newer one")?;
        if value[0] == last {
            give_way();
        }
        last = value[0];
    }
    Ok(())
}

/// Records events `0..count`.
///
/// # Errors
/// Never; as the other roles.
pub fn record(mut recorder: Recorder<'_, [u32; 8]>, count: u32, give_way: impl Fn()) -> Verdict {
    for number in 0..count {
        recorder.record([number; 8]);
        if number % 64 == 0 {
            give_way();
        }
    }
    Ok(())
}

/// Replays until it has seen event `count - 1`.
///
/// # Errors
/// What must not be.
pub fn replay(mut replay: Replay<'_, [u32; 8]>, count: u32, give_way: impl Fn()) -> Verdict {
    let (mut next, mut seen) = (0, 0u32);
    while next < count {
        let Some(event) = replay.next_event() else {
            give_way();
            continue;
        };
        law(event.iter().all(|&word| word == event[0]), "a torn event")?;
        law(event[0] >= next, "an event twice, or out of order")?;
        next = event[0] + 1;
        seen += 1;
    }
    law(seen.wrapping_add(replay.lost()) == count, "an event neither seen nor counted as lost")
}

/// Slots of the board that the roles play on.
pub const SLOTS: usize = 4;

/// Samples that a job brings and gets.
pub const SAMPLES: usize = 16;

#[expect(clippy::cast_precision_loss, reason = "numbers below 2²⁴")]
fn sample(number: u32) -> f32 {
    (number & 0xff_ffff) as f32
}

/// Posts jobs `0..count`, takes every fifth back at once, and collects the others. Raises `stop` at the end.
///
/// # Errors
/// What must not be.
pub fn post(mut poster: Poster<'_, SLOTS>, count: u32, stop: &AtomicU32, give_way: impl Fn()) -> Verdict {
    let verdict = post_all(&mut poster, count, give_way);
    stop.store(1, Ordering::Release);
    verdict
}

fn post_all(poster: &mut Poster<'_, SLOTS>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut outstanding: [Option<(Ticket, u32)>; SLOTS] = [None; SLOTS];
    let mut next = 0;
    while next < count || outstanding.iter().any(Option::is_some) {
        let mut moved = false;
        for place in &mut outstanding {
            if let Some((ticket, number)) = *place {
                match poster.stage(ticket) {
                    Stage::Done { execution_us } => {
                        let right = |output: &[f32]| output.iter().all(|&result| result == -sample(number));
                        law(poster.output(ticket, right) == Some(true), "a wrong result")?;
                        law(execution_us == number, "the execution time of another job")?;
                    }
                    Stage::Lost => return Err("a lost job"),
                    Stage::Unclaimed | Stage::Running { .. } => continue,
                }
                poster.release(ticket);
                *place = None;
                moved = true;
            } else if next < count {
                let descriptor = Descriptor { kind: 4, slices: 1, arguments: [next; 6] };
                let Some(ticket) = poster.reserve(descriptor, |input| input.fill(sample(next))) else { continue };
                poster.post(ticket, Class::RealTime, next);
                if next % 5 == 0 {
                    poster.withdraw(ticket);
                    let right = |input: &[f32]| input.iter().all(|&given| given == sample(next));
                    law(poster.input(ticket, right) == Some(true), "the input of a withdrawn job is gone")?;
                    poster.release(ticket);
                } else {
                    *place = Some((ticket, next));
                }
                next += 1;
                moved = true;
            }
        }
        if !moved {
            give_way();
        }
    }
    Ok(())
}

/// Claims and computes jobs until `stop` is raised.
///
/// # Errors
/// What must not be.
pub fn work(mut claimer: Claimer<'_>, stop: &AtomicU32, give_way: impl Fn()) -> Verdict {
    while stop.load(Ordering::Acquire) == 0 {
        let offer = claimer.offers().reduce(|best, offer| if offer.precedes(&best) { offer } else { best });
        let Some(claim) = offer.and_then(|offer| claimer.claim(offer)) else {
            give_way();
            continue;
        };
        let number = claim.descriptor().arguments[0];
        law(*claim.descriptor() == Descriptor { kind: 4, slices: 1, arguments: [number; 6] }, "a torn descriptor")?;
        let right = claimer.compute(&claim, |_, input, output| {
            for (result, given) in output.iter_mut().zip(input) {
                *result = -given;
            }
            input.iter().all(|&given| given == sample(number))
        });
        law(right, "the input of another job")?;
        claimer.progress(&claim, 1);
        law(claimer.complete(claim, number), "somebody else had the claim")?;
    }
    Ok(())
}
