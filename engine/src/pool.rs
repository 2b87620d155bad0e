//! The main thread's handle of the pool.

use bytemuck::Zeroable;

use crate::config::{ConfigError, MAX_OWNERS, PAGE_JOBS, SEAT_EVENTS, SEATS, WORKER_EVENTS};
use crate::effects::analyser;
use crate::effects::convolver::Responses;
use crate::events::{Event, Occurrence, SeatChange};
use crate::job::{Commons, Kind};
use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::lockfree::board::{Class, Descriptor, Noticeboard, Poster, Stage, Ticket};
use crate::lockfree::histogram::Snapshot;
use crate::lockfree::recorder::{Recorder, Replay, recorder};
use crate::log::WorkerLog;
use crate::memory::Arena;
use crate::protocol::{DispatchTelemetry, SeatTelemetry};
use crate::seats::PoolShared;
use crate::worker::Worker;

/// Why a worker is counted on no more, though it was told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It has thrown, and runs nothing any more.
    Trapped,
    /// It gave no sign of life for too long. Its thread may still run.
    Missed,
}

/// One of the flight recorders of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tape {
    /// The audio thread's.
    Audio,
    /// What becomes of the seats.
    Seats,
    /// The worker's on that seat.
    Worker(u32),
}

impl Tape {
    /// The tape with that number: 0 the audio thread's, 1 that of the seats, 2 and more the workers'.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Audio,
            1 => Self::Seats,
            seat => Self::Worker(seat - 2),
        }
    }
}

/// The flight recorders of a pool, as the main thread has them.
pub(crate) struct Tapes<'a> {
    audio: Replay<'a, Event>,
    seat_log: Recorder<'a, Event>,
    seats: Replay<'a, Event>,
    workers: [Replay<'a, Event>; SEATS],
}

impl<'a> Tapes<'a> {
    /// The tapes of all threads but the audio thread, whose is `audio`.
    pub(crate) fn new(arena: &mut Arena<'a>, audio: Replay<'a, Event>) -> Result<Self, ConfigError> {
        let (seat_log, seats) = recorder(arena, SEAT_EVENTS)?;
        // Each in its place; one that found no room ends the building.
        let mut workers = core::array::from_fn(|_| audio.clone());
        for worker in &mut workers {
            *worker = recorder(arena, WORKER_EVENTS)?.1;
        }
        Ok(Self { audio, seat_log, seats, workers })
    }
}

/// The main thread's handle of the pool: its jobs, the seats, the impulse responses.
pub struct PoolController<'a> {
    shared: &'a PoolShared<'a>,
    jobs: Poster<'a, PAGE_JOBS>,
    boards: [Noticeboard<'a>; 2],
    responses: Responses<'a>,
    commons: Commons<'a>,
    tapes: Tapes<'a>,
    replayed: Event,
    submitted: u32,
}

impl<'a> PoolController<'a> {
    pub(crate) fn new(
        shared: &'a PoolShared<'a>,
        jobs: Poster<'a, PAGE_JOBS>,
        boards: [Noticeboard<'a>; 2],
        responses: Responses<'a>,
        commons: Commons<'a>,
        tapes: Tapes<'a>,
    ) -> Self {
        Self { shared, jobs, boards, responses, commons, tapes, replayed: Event::zeroed(), submitted: 0 }
    }

    /// Takes room for a job; its input can be written through [`PoolController::input`] until it is submitted. `None`
    /// when [`PAGE_JOBS`] are on their way.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn reserve(&mut self, descriptor: Descriptor, fill: impl FnOnce(&mut [f32])) -> Option<Ticket> {
        self.jobs.reserve(descriptor, fill)
    }

    /// Gives a reserved job to the workers. None is woken: the one that keeps time finds it about 1 ms later.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn post(&mut self, ticket: Ticket, class: Class) {
        // Among jobs of a class the oldest goes first.
        self.submitted = self.submitted.wrapping_add(1);
        self.jobs.post(ticket, class, self.submitted);
    }

    /// Gives a reserved job to the workers, and wakes one.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn submit(&mut self, ticket: Ticket, class: Class) {
        self.post(ticket, class);
        if let Some(seat) = self.shared.next_seat() {
            self.shared.wake(seat);
        }
    }

    /// How far a job is.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn stage(&self, ticket: Ticket) -> Stage {
        self.jobs.stage(ticket)
    }

    /// Shows the input of a job.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn input<R>(&self, ticket: Ticket, show: impl FnOnce(&[f32]) -> R) -> Option<R> {
        self.jobs.input(ticket, show)
    }

    /// Shows the output of a job that is done.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn output<R>(&self, ticket: Ticket, show: impl FnOnce(&[f32]) -> R) -> Option<R> {
        self.jobs.output(ticket, show)
    }

    /// Forgets a job, done or not: a worker that has it stops at its next slice.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn release(&mut self, ticket: Ticket) {
        self.jobs.release(ticket);
    }

    /// The word that is bumped, with a wake-up, whenever a job of the main thread has ended.
    ///
    /// # Real-time
    /// Main thread.
    #[must_use]
    pub fn finished(&self) -> &AtomicU32 {
        &self.shared.finished
    }

    /// The impulse responses.
    ///
    /// # Real-time
    /// Main thread.
    pub fn responses(&mut self) -> &mut Responses<'a> {
        &mut self.responses
    }

    /// Writes `count` taps that lie in the input of a job, from tap `first` of a channel on; see [`Responses::write`]. Returns
    /// whether there is such a job.
    ///
    /// # Real-time
    /// Main thread.
    pub fn write_response(&mut self, place: u32, channel: usize, first: usize, ticket: Ticket, count: usize) -> bool {
        let responses = &mut self.responses;
        let write = |input: &[f32]| responses.write(place, channel, first, input.get(..count).unwrap_or(input));
        self.jobs.input(ticket, write).is_some()
    }

    /// The lower 32 bits of the frame of the context's clock that follows the newest one that the analyser whose region is `region`
    /// keeps. `None` when there is no such analyser, or it has kept nothing yet.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn analysed_until(&self, region: u32) -> Option<u32> {
        analyser::end_of(&self.commons.regions.taken(region)?)
    }

    /// Shows the `frames` frames of a plane of that analyser before frame `end`, which [`PoolController::analysed_until`] has just
    /// told. `None` when it has not so many: they are the samples of its longest transform at most.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn analysed_frames<R>(
        &self,
        region: u32,
        end: u32,
        plane: usize,
        frames: usize,
        show: impl FnOnce(&[f32]) -> R,
    ) -> Option<R> {
        analyser::frames_before(&self.commons.regions.taken(region)?, end, plane, frames, show)
    }

    /// The handle of a worker on `seat`, which must have no other that is in use.
    ///
    /// # Real-time
    /// Main thread.
    #[must_use]
    pub fn worker(&self, seat: u32) -> Worker<'a> {
        let seat = seat % MAX_OWNERS;
        let tape = self.tapes.workers.get(seat as usize).unwrap_or(&self.tapes.seats);
        Worker::new(self.shared, seat, &self.boards, self.commons, WorkerLog::new(tape.successor()))
    }

    /// A worker takes `seat`; from now on it is counted on.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn take_seat(&mut self, seat: u32) {
        let Some(words) = self.shared.seats.get(seat as usize) else { return };
        words.retiring.store(0, Ordering::Relaxed);
        words.busy.store(0, Ordering::Relaxed);
        let others = self.taken_seats().filter_map(|other| self.shared.seats.get(other as usize));
        let most = others.map(|other| other.claims.load(Ordering::Relaxed)).max().unwrap_or(0);
        words.claims.store(most, Ordering::Relaxed);
        self.shared.taken.fetch_or(1 << seat, Ordering::AcqRel);
        self.note(seat, SeatChange::Taken, self.shared.clock_ms());
    }

    /// One worker too many: nobody counts on the one on `seat` any more, and it ends after the job at hand.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn retire(&mut self, seat: u32) {
        self.let_go(seat, SeatChange::Retired, self.shared.clock_ms());
    }

    /// Counts no more on the worker on `seat`, which is lost. If it lives after all, it ends after the job at hand. `now_ms` is the
    /// workers' clock: whoever stamped the pool's may be the one that is lost.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn dismiss(&mut self, seat: u32, loss: Loss, now_ms: f64) {
        let why = match loss {
            Loss::Trapped => SeatChange::Trapped,
            Loss::Missed => SeatChange::Missed,
        };
        self.let_go(seat, why, now_ms);
    }

    fn let_go(&mut self, seat: u32, why: SeatChange, now_ms: f64) {
        let Some(words) = self.shared.seats.get(seat as usize) else { return };
        words.retiring.store(1, Ordering::Release);
        self.shared.taken.fetch_and(!(1 << seat), Ordering::AcqRel);
        self.note(seat, why, now_ms);
        self.shared.wake(seat);
    }

    /// Gives up whatever a dead worker had claimed. Only when its thread has certainly ended.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn bury(&mut self, seat: u32) {
        for board in &self.boards {
            board.bury(seat);
        }
        self.note(seat, SeatChange::Buried, self.shared.clock_ms());
    }

    fn note(&mut self, seat: u32, change: SeatChange, clock_ms: f64) {
        let event = Event::new(clock_ms, 0, Occurrence::Seat { seat, change });
        self.tapes.seat_log.record(event);
    }

    /// The next event of one of the flight recorders, the oldest first, each once; `None` when there is no newer one. What
    /// the page learns otherwise is not among them.
    ///
    /// # Real-time
    /// Main thread; lock-free.
    pub fn next_event(&mut self, tape: Tape) -> Option<&Event> {
        self.replayed = self.replay(tape)?.next_event()?;
        Some(&self.replayed)
    }

    /// Events of one of the flight recorders that were written over before [`PoolController::next_event`] came to them,
    /// wrapping.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn lost_events(&mut self, tape: Tape) -> u32 {
        self.replay(tape).map_or(0, |replay| replay.lost())
    }

    fn replay(&mut self, tape: Tape) -> Option<&mut Replay<'a, Event>> {
        match tape {
            Tape::Audio => Some(&mut self.tapes.audio),
            Tape::Seats => Some(&mut self.tapes.seats),
            Tape::Worker(seat) => self.tapes.workers.get_mut(seat as usize),
        }
    }

    /// Jobs that the worker on `seat` has claimed and not ended.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn claimed_by(&self, seat: u32) -> usize {
        self.boards.iter().map(|board| board.claimed_by(seat)).sum()
    }

    /// Seats that have a worker.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn taken_seats(&self) -> impl Iterator<Item = u32> + use<> {
        let taken = self.shared.taken.load(Ordering::Relaxed);
        (0..MAX_OWNERS).filter(move |seat| taken >> seat & 1 != 0)
    }

    /// What is known of the worker on `seat`.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn seat_telemetry(&self, seat: u32) -> SeatTelemetry {
        let Some(words) = self.shared.seats.get(seat as usize) else { return SeatTelemetry::default() };
        let read = |word: &AtomicU32| word.load(Ordering::Relaxed);
        SeatTelemetry {
            beats: read(&words.beats),
            busy: read(&words.busy),
            jobs: words.jobs.read(),
            unwanted_jobs: words.unwanted_jobs.read(),
            busy_us: words.busy_us.read(),
            keeps_time: u32::from(read(&self.shared.timekeeper) == seat),
        }
    }

    /// Execution times of the jobs of a kind on `seat`, since the pool was built.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn execution_times(&self, seat: u32, kind: Kind) -> Option<Snapshot> {
        let histogram = self.shared.seats.get(seat as usize)?.execution.get(kind as usize)?;
        Some(histogram.read())
    }

    /// Lets the execution time of every `period`-th job go into the histograms: 1 for all, 0 for none.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn sample_every(&self, period: u32) {
        self.shared.sampling.store(period, Ordering::Relaxed);
    }

    /// Where the audio thread's jobs ran.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    #[must_use]
    pub fn dispatch_telemetry(&self) -> DispatchTelemetry {
        let counts = &self.shared.dispatched;
        DispatchTelemetry {
            by_workers: counts.by_workers.read(),
            own: counts.own.read(),
            taken_unclaimed: counts.taken_unclaimed.read(),
            taken_silent: counts.taken_silent.read(),
            refused: counts.refused.read(),
        }
    }

    /// The timekeeper's last stamp in ms; negative infinity before the first.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn clock_ms(&self) -> f64 {
        self.shared.clock_ms()
    }
}
