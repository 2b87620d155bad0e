extern crate std;
use super::*;
use crate::memory::Memory;
use std::vec::Vec;

const NOTHING: Descriptor = Descriptor { kind: 9, slices: 1, arguments: [0; 6] };

fn small(memory: &mut Memory) -> (Poster<'_, 3>, Noticeboard<'_>) {
    board::<3>(&mut memory.arena(), 2, 2).unwrap()
}

fn post(poster: &mut Poster<'_, 3>, class: Class, deadline: u32, value: f32) -> Option<Ticket> {
    let ticket = poster.reserve(NOTHING, |input| input.fill(value))?;
    poster.post(ticket, class, deadline);
    Some(ticket)
}

fn first(claimer: &Claimer<'_>) -> Option<Offer> {
    claimer.offers().reduce(|best, offer| if offer.precedes(&best) { offer } else { best })
}

#[test]
fn a_job_goes_there_and_comes_back() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = small(&mut memory);
    let mut claimer = notices.claimer(5);
    let ticket = post(&mut poster, Class::RealTime, 1, 21.0).unwrap();
    assert_eq!(poster.stage(ticket), Stage::Unclaimed);
    let claim = claimer.claim(first(&claimer).unwrap()).unwrap();
    assert_eq!((claim.descriptor(), notices.claimed_by(5)), (&NOTHING, 1));
    claimer.progress(&claim, 1);
    assert_eq!(poster.stage(ticket), Stage::Running { slices: 1 });
    assert_eq!(poster.output(ticket, |_| ()), None, "not done");
    claimer.compute(&claim, |_, input, output| output.fill(input[0] * 2.0));
    assert!(claimer.complete(claim, 7));
    assert_eq!(poster.stage(ticket), Stage::Done { execution_us: 7 });
    assert_eq!(poster.output(ticket, |output| output[1]), Some(42.0));
    poster.release(ticket);
    assert_eq!(poster.free_slots(), 3);
}

#[test]
fn the_most_urgent_goes_first_and_deadlines_wrap() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = small(&mut memory);
    let mut claimer = notices.claimer(0);
    post(&mut poster, Class::Background, 0, 1.0).unwrap();
    post(&mut poster, Class::RealTime, 5, 2.0).unwrap();
    post(&mut poster, Class::RealTime, u32::MAX, 3.0).unwrap();
    let mut order = Vec::new();
    while let Some(offer) = first(&claimer) {
        let claim = claimer.claim(offer).unwrap();
        claimer.compute(&claim, |_, input, _| order.push(input[0]));
    }
    assert_eq!(order, [3.0, 2.0, 1.0]);
}

#[test]
fn one_job_has_one_owner() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = small(&mut memory);
    let (mut a, mut b) = (notices.claimer(0), notices.claimer(1));
    post(&mut poster, Class::Interactive, 0, 0.0).unwrap();
    let offer = first(&b).unwrap();
    assert!(a.claim(offer).is_some());
    assert!(b.claim(offer).is_none());
}

#[test]
fn an_unclaimed_job_taken_back_is_free_at_once() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = small(&mut memory);
    let mut claimer = notices.claimer(0);
    let ticket = post(&mut poster, Class::RealTime, 0, 4.0).unwrap();
    let offer = first(&claimer).unwrap();
    poster.withdraw(ticket);
    assert!(claimer.claim(offer).is_none());
    assert_eq!(poster.input(ticket, |input| input[0]), Some(4.0), "its input is still there");
    poster.release(ticket);
    assert_eq!(poster.free_slots(), 3);
}

#[test]
fn an_abandoned_job_keeps_its_slot_until_its_owner_ends_or_is_buried() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = small(&mut memory);
    let (mut alive, mut dead) = (notices.claimer(1), notices.claimer(2));
    let tickets = [0, 1].map(|deadline| post(&mut poster, Class::RealTime, deadline, 0.0).unwrap());
    let claim = alive.claim(first(&alive).unwrap()).unwrap();
    assert!(dead.claim(first(&dead).unwrap()).is_some());
    for ticket in tickets {
        poster.release(ticket);
    }
    assert_eq!(poster.free_slots(), 1);
    assert!(!alive.is_wanted(&claim));
    alive.fail(claim);
    assert_eq!(poster.free_slots(), 2);
    notices.bury(2);
    assert_eq!(poster.free_slots(), 3);
    assert!(tickets.iter().all(|&ticket| poster.input(ticket, |_| ()).is_none()));
}

#[test]
fn a_late_result_is_not_taken_for_the_next_job() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, notices) = board::<1>(&mut memory.arena(), 1, 1).unwrap();
    let mut late = notices.claimer(3);
    let ticket = poster.reserve(NOTHING, |_| ()).unwrap();
    poster.post(ticket, Class::RealTime, 0);
    let claim = late.claim(first(&late).unwrap()).unwrap();
    poster.release(ticket);
    assert!(poster.reserve(NOTHING, |_| ()).is_none(), "the slot is still its owner's");
    notices.bury(3);
    let next = poster.reserve(NOTHING, |_| ()).unwrap();
    poster.post(next, Class::RealTime, 0);
    late.compute(&claim, |_, _, output| output.fill(6.0));
    assert!(!late.complete(claim, 0));
    assert_eq!(poster.stage(next), Stage::Unclaimed);
    assert_eq!(poster.stage(ticket), Stage::Lost);
}

#[test]
fn a_full_board_refuses() {
    let mut memory = Memory::new(1 << 14);
    let (mut poster, _notices) = small(&mut memory);
    for deadline in 0..3 {
        assert!(post(&mut poster, Class::RealTime, deadline, 0.0).is_some());
    }
    assert!(post(&mut poster, Class::RealTime, 3, 0.0).is_none());
}
