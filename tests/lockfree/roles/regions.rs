//! Regions that the main thread lends, the audio thread takes, and workers compute in.

use core::sync::atomic::{AtomicU32, Ordering};

use rusty_audio_engine::Arena;
use rusty_audio_engine::config::REGIONS;
use rusty_audio_engine::lockfree::board::{Claimer, Class, Descriptor, Poster, Ticket};
use rusty_audio_engine::lockfree::regions::{Region, Regions, Registrar, Span};

use super::{SLOTS, Verdict, law, sample};

/// Samples of a region.
const SAMPLES: usize = 64;
/// All of them.
const ALL: Span = Span { start: 0, samples: SAMPLES };
/// What a job reads.
const INPUT: Span = Span { start: 0, samples: SAMPLES / 2 };
/// What it writes.
const OUTPUT: Span = Span { start: SAMPLES / 2, samples: SAMPLES / 2 };

fn write(region: &Region<'_>, span: Span, value: f32) -> Verdict {
    // SAFETY: a region is the main thread's until it is sent, then the audio thread's, and half of it a job's until that is
    // done; ThreadSanitizer and Miri watch.
    let written = unsafe { region.reach_unguarded([span], [], |[samples], []| samples.fill(value)) };
    law(written.is_some(), "a region that is too short")
}

fn holds(region: &Region<'_>, span: Span, value: f32) -> bool {
    // SAFETY: as for `write`.
    let read = unsafe { region.reach_unguarded([], [span], |[], [read]| read.iter().all(|&sample| sample == value)) };
    read == Some(true)
}

/// Lends regions `0..count`, each full of its number, as long as there is room, and waits until all have come home.
///
/// # Errors
/// What must not be.
pub fn lend<'a>(mut registrar: Registrar<'a>, mut arena: Arena<'a>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut next = 0;
    while next < count {
        let Ok(Some(place)) = registrar.lend(&mut arena, SAMPLES, [next; 3]) else {
            give_way();
            continue;
        };
        let region = registrar.filling(place).ok_or("a region that is not there")?;
        law(holds(&region, ALL, 0.0), "a region that is not empty")?;
        write(&region, ALL, sample(next))?;
        registrar.send(place);
        next += 1;
    }
    while registrar.reclaim(&mut arena) > 0 {
        give_way();
    }
    Ok(())
}

/// Takes `count` regions, has a job compute in each, and gives them back. Raises `stop` at the end.
///
/// # Errors
/// What must not be.
pub fn borrow(
    mut poster: Poster<'_, SLOTS>,
    regions: Regions<'_>,
    count: u32,
    stop: &AtomicU32,
    give_way: impl Fn(),
) -> Verdict {
    let verdict = borrow_all(&mut poster, regions, count, give_way);
    stop.store(1, Ordering::Release);
    verdict
}

fn borrow_all(poster: &mut Poster<'_, SLOTS>, regions: Regions<'_>, count: u32, give_way: impl Fn()) -> Verdict {
    let mut outstanding: [Option<(Ticket, Region<'_>)>; SLOTS] = [None; SLOTS];
    let (mut returned, mut sum) = (0, 0u32);
    while returned < count {
        let mut moved = false;
        let mut sent = (0..).take(REGIONS).filter_map(|place| regions.take(place));
        for place in &mut outstanding {
            if let Some((ticket, region)) = *place {
                if poster.output(ticket, |_| ()).is_none() {
                    continue;
                }
                let [number, ..] = region.shape();
                law(holds(&region, OUTPUT, -sample(number)), "a wrong result")?;
                law(region.journal() == !number, "the journal of another region")?;
                poster.release(ticket);
                region.give_back();
                *place = None;
                (returned, sum) = (returned + 1, sum.wrapping_add(number));
            } else {
                let Some(region) = sent.next() else { continue };
                let [number, ..] = region.shape();
                law(region.shape() == [number; 3] && region.journal() == 0, "a torn region")?;
                law(holds(&region, ALL, sample(number)), "the samples of another region")?;
                let job = Descriptor { kind: 4, slices: 1, arguments: [region.place(); 6] };
                let ticket = poster.reserve(job, |_| ()).ok_or("no slot for a region")?;
                poster.post(ticket, Class::RealTime, number);
                *place = Some((ticket, region));
            }
            moved = true;
        }
        if !moved {
            give_way();
        }
    }
    let each_once = (0..count).fold(0, u32::wrapping_add);
    law(sum == each_once, "a region twice, or never")
}

/// Computes in regions until `stop` is raised.
///
/// # Errors
/// What must not be.
pub fn work(mut claimer: Claimer<'_>, regions: Regions<'_>, stop: &AtomicU32, give_way: impl Fn()) -> Verdict {
    while stop.load(Ordering::Acquire) == 0 {
        let offer = claimer.offers().next();
        let Some(claim) = offer.and_then(|offer| claimer.claim(offer)) else {
            give_way();
            continue;
        };
        let [place, ..] = claim.descriptor().arguments;
        let region = regions.taken(place).ok_or("a job without a region")?;
        let [number, ..] = region.shape();
        law(holds(&region, INPUT, sample(number)), "the region of another job")?;
        write(&region, OUTPUT, -sample(number))?;
        region.note(!number);
        law(claimer.complete(claim, number), "somebody else had the claim")?;
    }
    Ok(())
}
