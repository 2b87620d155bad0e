//! The events of a recording as spans and lists that can be asked.

use rusty_audio_engine::events::{ContextState, Event, Occurrence, PageState, SeatChange};

use crate::{Recording, Span, Thread};

/// An event that proves something.
pub(crate) type Proof = (Thread, Event);

/// What is true for a while, with the event that says so.
#[derive(Clone, Copy)]
pub(crate) struct Fact {
    pub span: Span,
    pub proof: Proof,
}

impl Beat {
    /// The clock stood for most of this beat's longest step, and quanta were rendered meanwhile: then nobody knows where the time
    /// was spent.
    fn stood(elapsed_ms: f64, rendered_ms: f64, longest_ms: f64) -> bool {
        rendered_ms - (elapsed_ms - longest_ms) > longest_ms / 2.0
    }
}

/// A quantum of the audio thread that it noted down, while the clock could be trusted.
#[derive(Clone, Copy)]
pub(crate) struct Beat {
    pub ms: f64,
    /// The pool's clock less the context's: what the audio thread has lost since some beginning. It moves up and down by the
    /// length of a device callback, for a callback's quanta are rendered at once.
    pub lag_ms: f64,
    /// Time of the context since the beat before.
    pub rendered_ms: f64,
    /// Time of the clock since then that was spent in the engine's processors; `None` if the clock stood.
    pub inside_ms: Option<f64>,
    pub longest_ms: f64,
    pub proof: Proof,
}

/// A worker on its seat.
#[derive(Clone, Copy)]
pub(crate) struct Employment {
    /// While it was counted on.
    pub span: Span,
    pub end: End,
}

/// How it came that a worker is counted on no more.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// It has not, before the recording ends.
    None,
    /// It was one too many.
    Retired,
    /// It was missed, and told later that it had only been late.
    Late,
    /// It has trapped, or was missed and never heard of again.
    Dead(Proof),
}

/// What workers on a seat did.
pub(crate) struct Seat {
    pub number: u32,
    /// Its turns that came late.
    pub late: Vec<Fact>,
    /// Its workers, one after the other.
    pub employments: Vec<Employment>,
    /// The last sign of life that it left.
    pub last_ms: f64,
}

pub(crate) struct Timeline {
    /// Ends with the last event of all.
    pub end_ms: f64,
    sample_rate: f64,
    pub beats: Vec<Beat>,
    pub seats: Vec<Seat>,
    /// While the context was not running.
    pub stopped: Vec<Span>,
    /// While the page did nothing.
    pub page_gaps: Vec<Fact>,
}

impl Timeline {
    pub fn new(recording: &Recording) -> Self {
        let times = recording.tracks.iter().flat_map(|track| &track.events).map(|event| event.clock_ms);
        let end_ms = times.filter(|ms| ms.is_finite()).fold(f64::NEG_INFINITY, f64::max);
        Self {
            end_ms,
            sample_rate: recording.sample_rate,
            beats: beats(recording),
            seats: seats(recording, end_ms),
            stopped: stopped(recording, end_ms),
            page_gaps: page_gaps(recording, end_ms),
        }
    }

    /// When the audio thread wrote an event. The pool's clock may have stood since a beat; then the frames tell.
    pub fn time_of(&self, event: &Event) -> f64 {
        let next = self.beats.partition_point(|beat| beat.proof.1.frame <= event.frame);
        let Some(beat) = next.checked_sub(1).and_then(|last| self.beats.get(last)) else { return event.clock_ms };
        #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
        let since_ms = (event.frame - beat.proof.1.frame) as f64 * 1000.0 / self.sample_rate;
        event.clock_ms.max(beat.ms + since_ms)
    }

    /// Whether time stood for the context at some moment of `span`.
    pub fn stands(&self, span: Span) -> bool {
        self.stopped.iter().any(|stopped| stopped.meets(span))
    }
}

fn beats(recording: &Recording) -> Vec<Beat> {
    let (mut beats, mut inside, mut longest) = (Vec::<Beat>::new(), 0.0, 0.0f64);
    for event in recording.of(Thread::Audio) {
        let Some(Occurrence::Quanta { inside_us, longest_us, fresh }) = event.occurrence() else { continue };
        inside += milliseconds(inside_us);
        longest = longest.max(milliseconds(longest_us));
        if !fresh || !event.clock_ms.is_finite() {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
        let context_ms = event.frame as f64 * 1000.0 / recording.sample_rate;
        let lag_ms = event.clock_ms - context_ms;
        let (elapsed_ms, rendered_ms) = beats.last().map_or((0.0, 0.0), |last| {
            let elapsed_ms = event.clock_ms - last.ms;
            (elapsed_ms, elapsed_ms - (lag_ms - last.lag_ms))
        });
        let (inside_ms, longest_ms) = (core::mem::take(&mut inside), core::mem::take(&mut longest));
        let known = !Beat::stood(elapsed_ms, rendered_ms, longest_ms);
        beats.push(Beat {
            ms: event.clock_ms,
            lag_ms,
            rendered_ms,
            inside_ms: known.then_some(inside_ms),
            longest_ms,
            proof: (Thread::Audio, *event),
        });
    }
    beats
}

fn seats(recording: &Recording, end_ms: f64) -> Vec<Seat> {
    let number = |thread| if let Thread::Worker(seat) = thread { Some(seat) } else { None };
    let mut seats: Vec<Seat> = Vec::new();
    for track in &recording.tracks {
        let Some(number) = number(track.thread) else { continue };
        let late = |event: &Event| match event.occurrence() {
            Some(Occurrence::Late { late_us, .. }) => {
                let span = Span { from_ms: event.clock_ms - milliseconds(late_us), to_ms: event.clock_ms };
                Some(Fact { span, proof: (track.thread, *event) })
            }
            _ => None,
        };
        seats.push(Seat {
            number,
            late: track.events.iter().filter_map(late).collect(),
            employments: Vec::new(),
            last_ms: track.events.last().map_or(f64::NEG_INFINITY, |event| event.clock_ms),
        });
    }
    for seat in &mut seats {
        seat.employments = employments(recording, seat, end_ms);
    }
    seats
}

fn employments(recording: &Recording, seat: &Seat, end_ms: f64) -> Vec<Employment> {
    let its = |event: &Event| match event.occurrence() {
        Some(Occurrence::Seat { seat: number, change }) if number == seat.number => Some((*event, change)),
        _ => None,
    };
    let changes: Vec<_> = recording.of(Thread::Seats).filter_map(its).collect();
    let (mut employments, mut from_ms) = (Vec::new(), None);
    for (place, &(event, change)) in changes.iter().enumerate() {
        let end = match change {
            SeatChange::Taken => {
                from_ms = Some(event.clock_ms);
                continue;
            }
            SeatChange::Buried => continue,
            SeatChange::Retired => End::Retired,
            SeatChange::Trapped => End::Dead((Thread::Seats, event)),
            SeatChange::Missed => {
                // One that lives after all tells first how late it is, before another sits there.
                let another = changes[place..].iter().find(|(_, change)| *change == SeatChange::Taken);
                let until_ms = another.map_or(f64::INFINITY, |(taken, _)| taken.clock_ms);
                let told = |late: &Fact| late.span.to_ms > event.clock_ms && late.span.to_ms < until_ms;
                if seat.late.iter().any(told) { End::Late } else { End::Dead((Thread::Seats, event)) }
            }
        };
        let span = Span { from_ms: from_ms.take().unwrap_or(f64::NEG_INFINITY), to_ms: event.clock_ms };
        employments.push(Employment { span, end });
    }
    if let Some(from_ms) = from_ms {
        employments.push(Employment { span: Span { from_ms, to_ms: end_ms }, end: End::None });
    }
    employments
}

fn stopped(recording: &Recording, end_ms: f64) -> Vec<Span> {
    let (mut spans, mut since) = (Vec::new(), None);
    for event in recording.of(Thread::Page) {
        let Some(Occurrence::Context { state }) = event.occurrence() else { continue };
        match (state, since) {
            (ContextState::Running, Some(from_ms)) => {
                spans.push(Span { from_ms, to_ms: event.clock_ms });
                since = None;
            }
            (ContextState::Running, None) => {}
            (_, since_ms) => since = since_ms.or(Some(event.clock_ms)),
        }
    }
    spans.extend(since.map(|from_ms| Span { from_ms, to_ms: end_ms }));
    spans
}

fn page_gaps(recording: &Recording, end_ms: f64) -> Vec<Fact> {
    let (mut gaps, mut frozen) = (Vec::new(), None);
    for event in recording.of(Thread::Page) {
        let proof = (Thread::Page, *event);
        match event.occurrence() {
            Some(Occurrence::PageGap { gap_us, .. }) => {
                let span = Span { from_ms: event.clock_ms - milliseconds(gap_us), to_ms: event.clock_ms };
                gaps.push(Fact { span, proof });
            }
            Some(Occurrence::Page { state: PageState::Frozen }) => frozen = Some(proof),
            Some(Occurrence::Page { .. }) => {
                if let Some(proof) = frozen.take() {
                    gaps.push(Fact { span: Span { from_ms: proof.1.clock_ms, to_ms: event.clock_ms }, proof });
                }
            }
            _ => {}
        }
    }
    gaps.extend(frozen.map(|proof| Fact { span: Span { from_ms: proof.1.clock_ms, to_ms: end_ms }, proof }));
    gaps
}

pub(crate) fn milliseconds(us: u32) -> f64 {
    f64::from(us) / 1000.0
}
