//! Jobs that workers did not bring in time.

use rusty_audio_engine::events::{Event, NO_SEAT, Occurrence};

use crate::timeline::{Employment, End, Proof, Seat, Timeline, milliseconds};
use crate::{Recording, Span, Thread};

use super::{Cause, DELAY_MS, Kind, SAME_MS, Underrun};

/// How long the page may take to give a dead worker up.
const MOURNING_MS: f64 = 6000.0;
/// How long before a job was posted the lag is known: two pulses of the audio thread.
const PEAK_MS: f64 = 100.0;
/// A worker without a sign of life for so long is dead.
const SILENCE_MS: f64 = 2000.0;

/// A job that the audio thread took back.
pub(super) struct Taken<'e> {
    pub(super) event: &'e Event,
    seat: u32,
    waited_ms: f64,
    elapsed_ms: f64,
    left_ms: f64,
}

impl Taken<'_> {
    /// From its posting to its return. The clock may have stood meanwhile, because who keeps it was late, so the time of the frames
    /// counts if that is longer.
    fn span(&self) -> Span {
        let from_ms = self.event.clock_ms - self.waited_ms;
        Span { from_ms, to_ms: from_ms + self.waited_ms.max(self.elapsed_ms) }
    }

    /// While the audio thread computed it, spread over the frames that were left.
    pub(super) fn computing(&self) -> Span {
        let from_ms = self.span().to_ms;
        Span { from_ms, to_ms: from_ms + self.left_ms }
    }
}

pub(super) fn taken_back(recording: &Recording) -> impl Iterator<Item = Taken<'_>> {
    recording.of(Thread::Audio).filter_map(|event| match event.occurrence()? {
        Occurrence::TakenBack { seat, waited_us, elapsed, slack, .. } => Some(Taken {
            event,
            seat,
            waited_ms: milliseconds(waited_us),
            elapsed_ms: f64::from(elapsed) * 1000.0 / recording.sample_rate,
            left_ms: f64::from(slack) * 1000.0 / recording.sample_rate,
        }),
        _ => None,
    })
}

pub(super) fn jobs(
    timeline: &Timeline,
    recording: &Recording,
    gaps: &[Underrun],
    device: &[Underrun],
) -> Vec<Underrun> {
    let mut found: Vec<Underrun> = Vec::new();
    for taken in taken_back(recording) {
        let (cause, mut evidence) =
            why_unbrought(timeline, &taken).unwrap_or_else(|| why_timeless(timeline, &taken, gaps, device));
        evidence.insert(0, (Thread::Audio, *taken.event));
        put(&mut found, taken.span(), Some(cause), evidence);
    }
    for event in recording.of(Thread::Audio) {
        if let Some(Occurrence::Refused { .. }) = event.occurrence() {
            // All places are taken by jobs that were taken back before: theirs is the cause.
            let ms = event.clock_ms;
            let cause = found.iter().rev().find(|job| job.span.from_ms <= ms).and_then(|job| job.cause);
            put(&mut found, Span { from_ms: ms, to_ms: ms }, cause, vec![(Thread::Audio, *event)]);
        }
    }
    found
}

/// Adds a job to those that were missing, as part of the last trouble if it is the same.
fn put(found: &mut Vec<Underrun>, span: Span, cause: Option<Cause>, evidence: Vec<Proof>) {
    let same = |last: &&mut Underrun| last.cause == cause && last.span.widened(SAME_MS).meets(span);
    if let Some(last) = found.last_mut().filter(same) {
        last.span.to_ms = last.span.to_ms.max(span.to_ms);
        last.amount += 1;
        last.evidence.extend(evidence);
    } else {
        found.push(Underrun { kind: Kind::Jobs, span, amount: 1, cause, evidence });
    }
}

/// The workers' part in a job that was taken back; `None` if they have none.
pub(super) fn why_unbrought(timeline: &Timeline, taken: &Taken<'_>) -> Option<(Cause, Vec<Proof>)> {
    let span = taken.span();
    // Who came after it was posted, in the place of another, is not whom it had waited for.
    let came_late = |seat: &Seat| seat.number == taken.seat && seat.came_within(span);
    let is_nobodys = taken.seat == NO_SEAT || timeline.seats.iter().any(came_late);
    let is_its = |seat: &&Seat| if is_nobodys { seat.employed(span) } else { seat.number == taken.seat };
    let seats: Vec<_> = timeline.seats.iter().filter(is_its).collect();
    for seat in &seats {
        if let Some(proofs) = seat.death(span, timeline.end_ms) {
            return Some((Cause::WorkerDead, proofs));
        }
    }
    let late: Vec<_> = seats.iter().flat_map(|seat| &seat.late).filter(|late| late.span.meets(span)).collect();
    let in_burst = taken.waited_ms < taken.elapsed_ms / 2.0;
    if late.is_empty() && in_burst {
        return None;
    }
    Some((Cause::WorkerLate, late.iter().map(|late| late.proof).collect()))
}

/// Why frames passed and no time, for all that the pool's clock says, while a job was out: they came in a burst, or whoever keeps
/// the clock got no time.
fn why_timeless(timeline: &Timeline, taken: &Taken<'_>, gaps: &[Underrun], device: &[Underrun]) -> (Cause, Vec<Proof>) {
    let stamped_ms = taken.event.clock_ms;
    let before = Span { from_ms: stamped_ms - 2.0 * DELAY_MS, to_ms: stamped_ms };
    let latest = |list: &[Underrun]| list.iter().rposition(|underrun| underrun.span.meets(before));
    let its = |underrun: &Underrun| (underrun.cause.unwrap_or(Cause::DeviceStalled), underrun.evidence.clone());
    if let Some(gap) = latest(gaps) {
        return its(&gaps[gap]);
    }
    let next = timeline.beats.partition_point(|beat| beat.proof.1.frame <= taken.event.frame);
    let (known, later) = timeline.beats.split_at(next);
    let lately = known.iter().rev().take_while(|beat| beat.ms >= taken.span().from_ms - PEAK_MS);
    let peak = lately.max_by(|a, b| a.lag_ms.total_cmp(&b.lag_ms));
    let seen = peak.zip(later.first());
    let proofs = || seen.map_or(Vec::new(), |(peak, after)| vec![peak.proof, after.proof]);
    let fell = seen.map(|(peak, after)| peak.lag_ms - after.lag_ms >= taken.elapsed_ms / 2.0);
    match (fell, latest(device)) {
        (Some(false), _) | (None, None) => (Cause::WorkerLate, proofs()),
        (_, Some(counted)) => its(&device[counted]),
        (Some(true), None) => (Cause::DeviceStalled, proofs()),
    }
}

impl Seat {
    fn employed(&self, span: Span) -> bool {
        self.employments.iter().any(|employment| employment.span.widened(1.0).meets(span))
    }

    /// Whether its last worker before the end of a span came after its beginning.
    fn came_within(&self, span: Span) -> bool {
        let begun = |employment: &&Employment| employment.span.from_ms <= span.to_ms;
        self.employments.iter().rev().find(begun).is_some_and(|employment| employment.span.from_ms > span.from_ms)
    }

    /// What says that its worker died before or while a job was waited for, if anything does.
    fn death(&self, span: Span, end_ms: f64) -> Option<Vec<Proof>> {
        let meant = |employment: &&Employment| {
            employment.span.from_ms <= span.to_ms && employment.span.to_ms >= span.from_ms - 1.0
        };
        // It lived on after the job was given up: whatever became of it later, this was something else.
        let outlived = |until_ms: f64| self.last_ms > span.to_ms + 1.0 && self.last_ms <= until_ms;
        let lost = self.employments.iter().filter(meant).find_map(|employment| match employment.end {
            End::Dead(proof) => {
                let until_ms = employment.span.to_ms;
                (until_ms <= span.to_ms + MOURNING_MS && !outlived(until_ms)).then_some(proof)
            }
            End::None | End::Retired | End::Late => None,
        });
        if let Some(proof) = lost {
            return Some(vec![proof]);
        }
        // Who has ended because it was one too many is silent, too.
        let begun = |employment: &&Employment| employment.span.from_ms <= span.to_ms;
        let last = self.employments.iter().rev().find(begun);
        let retired = last.is_some_and(|employment| matches!(employment.end, End::Retired));
        let silent = self.last_ms <= span.to_ms && end_ms - span.to_ms >= SILENCE_MS;
        (silent && !retired).then(Vec::new)
    }
}
