//! The flight recorder, from the engine's own threads to the causes of underruns: whatever goes wrong in a simulated page is found
//! and named, and nothing is found where nothing went wrong.

mod file;
mod replay;
mod session;
mod trace;
mod world;

use rusty_audio_engine::events::{Event, Occurrence, SeatChange};
use rusty_audio_recorder::{Cause, Kind, Recording, Thread, Underrun, underruns};
use world::{Counts, Deed, FAULTS, Fault, START_MS, Stall, run, seeded};

/// How far the span of an underrun may lie from what caused it: the store of the device, the ring, what the browser counts.
const AFTERMATH_MS: f64 = 1500.0;

fn cause(fault: Fault) -> Cause {
    match fault {
        Fault::WorkerLate => Cause::WorkerLate,
        Fault::WorkerDead => Cause::WorkerDead,
        Fault::DecodeLate => Cause::DecodeLate,
        Fault::AudioOverloaded => Cause::AudioOverloaded,
        Fault::DeviceStalled => Cause::DeviceStalled,
        Fault::PageFrozen => Cause::PageFrozen,
    }
}

/// How many cases of each kind.
fn cases() -> u64 {
    if std::env::var_os("RUSTY_AUDIO_FULL").is_some() { 50 } else { 5 }
}

fn told(underruns: &[Underrun]) -> String {
    let line = |underrun: &Underrun| {
        let Underrun { kind, span, amount, cause, .. } = underrun;
        let (from, to) = (span.from_ms - START_MS, span.to_ms - START_MS);
        format!("  {kind:?} {from:.0} to {to:.0} ms, {amount}: {cause:?}\n")
    };
    underruns.iter().map(line).collect()
}

fn same_kind(a: Kind, b: Kind) -> bool {
    core::mem::discriminant(&a) == core::mem::discriminant(&b)
}

/// What was found, whose amounts must be those that others counted.
fn found(seed: u64, length_ms: f64, stalls: &[Stall], deeds: &[(f64, Deed)]) -> (Vec<Underrun>, Counts) {
    let (recording, counts) = run(seed, length_ms, stalls, deeds);
    let found = underruns(&recording);
    let amount = |kind| found.iter().filter(|found| same_kind(found.kind, kind)).map(|found| found.amount).sum::<u64>();
    let amounts = Counts {
        starved_frames: amount(Kind::Starvation { player: 0 }),
        taken_jobs: amount(Kind::Jobs),
        device_underruns: amount(Kind::Device),
        ..counts
    };
    assert_eq!(amounts, counts, "seed {seed}");
    (found, counts)
}

/// What is wrong with what was found, if anything is: each stall that had consequences must be there with its cause, and nothing
/// with a cause that is none. Of several stalls those are the cause of an underrun that alone would make one of its kind at that
/// time.
fn wrong(seed: u64, length_ms: f64, stalls: &[Stall], cause: fn(Fault) -> Cause) -> Option<String> {
    let all = found(seed, length_ms, stalls, &[]);
    let alone: Vec<_> = match stalls {
        [_] => vec![all.clone()],
        _ => stalls.iter().map(|&stall| found(seed, length_ms, &[stall], &[])).collect(),
    };
    let (together, _) = all;
    let overlap = |a: &Underrun, b: &Underrun| same_kind(a.kind, b.kind) && a.span.widened(200.0).meets(b.span);
    for underrun in &together {
        let makes = |others: &[Underrun]| others.iter().any(|other| overlap(other, underrun));
        let anybody = alone.iter().any(|(alone, _)| makes(alone));
        let right = |(stall, (alone, _)): (&Stall, &(Vec<Underrun>, Counts))| {
            (makes(alone) || !anybody) && Some(cause(stall.fault)) == underrun.cause
        };
        if !stalls.iter().zip(&alone).any(right) {
            return Some(format!("{:?} is not {:?}", underrun.kind, underrun.cause));
        }
    }
    for (stall, (alone, counts)) in stalls.iter().zip(&alone) {
        let its = |underrun: &&Underrun| {
            let span = underrun.span;
            span.from_ms <= stall.to_ms + AFTERMATH_MS && span.to_ms >= stall.from_ms
        };
        // The audio thread trusts no worker while the clock stands, so workers that are late may miss nothing.
        let harmless = stall.fault == Fault::WorkerLate && counts.taken_jobs == 0;
        if !harmless && !alone.iter().filter(its).any(|underrun| underrun.cause == Some(cause(stall.fault))) {
            return Some(format!("{:?} was not found", stall.fault));
        }
    }
    None
}

/// Judges `cases` worlds of each list of faults, and demands that at least 95 % of them are right.
fn judge(lists: &[Vec<Fault>], length_ms: f64, apart_ms: u64) {
    let (mut all, mut complaints) = (0, Vec::new());
    for (number, list) in (0u64..).zip(lists) {
        for case in 0..cases() {
            let seed = number * 1000 + case + 1;
            let mut random = seeded(seed * 8 + 7);
            let mut from_ms = START_MS + 2500.0;
            let mut stalls = Vec::new();
            let mut list = list.clone();
            if random.below(2) == 0 {
                list.reverse();
            }
            for fault in list {
                from_ms += random.below(500) as f64;
                stalls.push(Stall::draw(fault, from_ms, &mut random));
                from_ms += random.below(apart_ms) as f64;
            }
            all += 1;
            if let Some(complaint) = wrong(seed, length_ms, &stalls, cause) {
                let (found, _) = found(seed, length_ms, &stalls, &[]);
                let stalls: Vec<_> = stalls
                    .iter()
                    .map(|stall| {
                        format!("{:?} {:.0} to {:.0} ms", stall.fault, stall.from_ms - START_MS, stall.to_ms - START_MS)
                    })
                    .collect();
                complaints.push(format!("seed {seed}, {}: {complaint}\n{}", stalls.join(", "), told(&found)));
            }
        }
    }
    let share = 1.0 - complaints.len() as f64 / f64::from(all);
    assert!(share >= 0.95, "{:.1} % of {all} are right\n{}", share * 100.0, complaints.join("\n"));
}

#[test]
fn each_fault_is_found_and_named() {
    judge(&FAULTS.map(|fault| vec![fault]), 9_500.0, 1);
}

#[test]
fn a_wrong_cause_is_noticed() {
    fn another(fault: Fault) -> Cause {
        let place = FAULTS.iter().position(|&other| other == fault).unwrap();
        cause(FAULTS[(place + 1) % FAULTS.len()])
    }
    for (seed, fault) in (1..).zip(FAULTS) {
        let stall = Stall::draw(fault, START_MS + 2500.0, &mut seeded(seed));
        assert_eq!(wrong(seed, 9_500.0, &[stall], cause), None, "{fault:?}");
        assert!(wrong(seed, 9_500.0, &[stall], another).is_some(), "{fault:?}");
    }
}

#[test]
fn two_faults_are_told_apart() {
    let pairs = (0..FAULTS.len()).flat_map(|a| (0..a).map(move |b| vec![FAULTS[a], FAULTS[b]]));
    judge(&pairs.collect::<Vec<_>>(), 12_500.0, 2500);
}

/// The pool's clock stands with whoever keeps it. The recording ends long after, so that it can tell who died, or soon after, or
/// before the clock goes on.
#[test]
fn workers_that_get_no_time_are_late_though_the_clock_stands_with_them() {
    let (mut all, mut judged, mut unended, mut complaints) = (0, 0, 0, Vec::new());
    for case in 0..cases() * 12 {
        let seed = 70_000 + case;
        let mut random = seeded(seed * 8 + 7);
        let mut from_ms = START_MS + 2500.0;
        let mut stalls = Vec::new();
        // Seats that have rested are taken again.
        for _ in 0..1 + random.below(3) {
            from_ms += random.below(500) as f64;
            stalls.push(Stall::starve(from_ms, &mut random));
            from_ms += 1200.0 + random.below(3000) as f64;
        }
        let last = *stalls.last().unwrap();
        let length_ms = match random.below(3) {
            0 => last.from_ms + (last.to_ms - last.from_ms) * 0.8,
            1 => last.to_ms + 100.0 + random.below(1500) as f64,
            _ => last.to_ms + 4000.0,
        } - START_MS;
        let (found, counts) = found(seed, length_ms, &stalls, &[]);
        all += 1;
        judged += usize::from(counts.taken_jobs > 0);
        let lasts = last.to_ms - START_MS > length_ms;
        unended += usize::from(lasts && found.iter().any(|found| found.span.to_ms >= last.from_ms));
        // Who was terminated and is not heard of again is dead for the recording.
        let right = |underrun: &Underrun| match underrun.cause {
            Some(Cause::WorkerLate) => true,
            Some(Cause::WorkerDead) => counts.silent_ends > 0,
            _ => false,
        };
        if !found.iter().all(right) {
            let stalls: Vec<_> =
                stalls.iter().map(|stall| (stall.from_ms - START_MS, stall.to_ms - START_MS)).collect();
            complaints.push(format!("seed {seed}, {stalls:.0?} of {length_ms:.0} ms\n{}", told(&found)));
        }
    }
    assert!(judged * 2 > all && unended > 0, "{judged} of {all} missed jobs, {unended} before the clock went on");
    let wrong = complaints.len() as f64 / judged as f64;
    assert!(wrong <= 0.05, "{:.1} % of {judged} are wrong\n{}", wrong * 100.0, complaints.join("\n"));
}

fn causes_of_jobs(recording: &Recording) -> Vec<Option<Cause>> {
    let jobs = |underrun: &Underrun| underrun.kind == Kind::Jobs;
    underruns(recording).iter().filter(|underrun| jobs(underrun)).map(|underrun| underrun.cause).collect()
}

#[test]
fn a_death_is_told_as_soon_as_the_page_knows_of_it() {
    let mut judged = 0;
    for seed in (90_000..).take(usize::try_from(cases()).unwrap() * 4) {
        let stall = Stall::draw(Fault::WorkerDead, START_MS + 2500.0, &mut seeded(seed * 8 + 7));
        // Silence would have to last for two seconds.
        let (recording, _) = run(seed, 4_000.0, &[stall], &[]);
        let missed =
            |event: &Event| matches!(event.occurrence(), Some(Occurrence::Seat { change: SeatChange::Missed, .. }));
        let causes = causes_of_jobs(&recording);
        let seats = recording.tracks.iter().find(|track| track.thread == Thread::Seats).unwrap();
        if seats.events.iter().any(missed) && !causes.is_empty() {
            judged += 1;
            assert!(causes.iter().all(|cause| *cause == Some(Cause::WorkerDead)), "seed {seed}: {causes:?}");
        }
    }
    assert!(judged >= cases(), "{judged}");
}

#[test]
fn a_pool_that_shrinks_while_a_worker_is_late_has_no_dead() {
    let mut judged = 0;
    for seed in (95_000..).take(usize::try_from(cases()).unwrap() * 8) {
        let mut random = seeded(seed * 8 + 7);
        let stall = Stall::draw(Fault::WorkerLate, START_MS + 2500.0, &mut random);
        let retires_ms = stall.from_ms - 20.0 + random.below(60) as f64;
        // Long enough for silence to tell.
        let (recording, _) = run(seed, 6_500.0, &[stall], &[(retires_ms, Deed::Retire)]);
        let causes = causes_of_jobs(&recording);
        judged += u64::from(!causes.is_empty());
        assert!(causes.iter().all(|cause| *cause == Some(Cause::WorkerLate)), "seed {seed}: {causes:?}");
    }
    assert!(judged >= cases(), "{judged}");
}

#[test]
fn what_is_no_fault_is_no_underrun() {
    use Deed::{EndOfFile, Hide, Pause, Play, Resume, Retire, Seek, Show, Suspend};
    let lives: [&[Deed]; 7] = [
        &[],
        &[Pause, Play, Pause, Play],
        &[Seek, Seek, Pause, Seek, Play, Seek],
        &[EndOfFile, Seek, Pause, Play, EndOfFile],
        &[Hide, Show, Hide, Seek, Show],
        &[Suspend, Resume, Pause, Suspend, Resume, Play],
        &[Retire, Hide, Suspend, Resume, Show, Seek],
    ];
    for (number, deeds) in (0u64..).zip(lives) {
        for case in 0..cases() {
            let seed = 50_000 + number * 1000 + case;
            let mut random = seeded(seed * 8 + 7);
            let mut at_ms = START_MS + 2000.0;
            let deeds: Vec<_> = deeds
                .iter()
                .map(|&deed| {
                    at_ms += 300.0 + random.below(1500) as f64;
                    (at_ms, deed)
                })
                .collect();
            let (found, _) = found(seed, 14_000.0, &[], &deeds);
            assert!(found.is_empty(), "seed {seed}, {deeds:?}\n{}", told(&found));
        }
    }
}
