//! The main thread's handle of the pool.

use crate::config::{MAX_OWNERS, PAGE_JOBS};
use crate::effects::convolver::Responses;
use crate::job::{Commons, Kind};
use crate::lockfree::atomics::{AtomicU32, Ordering};
use crate::lockfree::board::{Class, Descriptor, Noticeboard, Poster, Stage, Ticket};
use crate::lockfree::histogram::Snapshot;
use crate::protocol::{DispatchTelemetry, SeatTelemetry};
use crate::seats::PoolShared;
use crate::worker::Worker;

/// The main thread's handle of the pool: its jobs, the seats, the impulse responses.
pub struct PoolController<'a> {
    shared: &'a PoolShared<'a>,
    jobs: Poster<'a, PAGE_JOBS>,
    boards: [Noticeboard<'a>; 2],
    responses: Responses<'a>,
    commons: Commons<'a>,
    submitted: u32,
}

impl<'a> PoolController<'a> {
    pub(crate) fn new(
        shared: &'a PoolShared<'a>,
        jobs: Poster<'a, PAGE_JOBS>,
        boards: [Noticeboard<'a>; 2],
        responses: Responses<'a>,
        commons: Commons<'a>,
    ) -> Self {
        Self { shared, jobs, boards, responses, commons, submitted: 0 }
    }

    /// Takes room for a job; its input can be written through [`PoolController::input`] until it is submitted. `None`
    /// when [`PAGE_JOBS`] are on their way.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn reserve(&mut self, descriptor: Descriptor, fill: impl FnOnce(&mut [f32])) -> Option<Ticket> {
        self.jobs.reserve(descriptor, fill)
    }

    /// Gives a reserved job to the workers, and wakes one.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn submit(&mut self, ticket: Ticket, class: Class) {
        // Among jobs of a class the oldest goes first.
        self.submitted = self.submitted.wrapping_add(1);
        self.jobs.post(ticket, class, self.submitted);
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

    /// The handle of a worker on `seat`, which must have no other that is in use.
    ///
    /// # Real-time
    /// Main thread.
    #[must_use]
    pub fn worker(&self, seat: u32) -> Worker<'a> {
        Worker::new(self.shared, seat % MAX_OWNERS, &self.boards, self.commons)
    }

    /// A worker takes `seat`; from now on it is counted on.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn take_seat(&self, seat: u32) {
        let Some(words) = self.shared.seats.get(seat as usize) else { return };
        words.retiring.store(0, Ordering::Relaxed);
        words.busy.store(0, Ordering::Relaxed);
        let others = self.taken_seats().filter_map(|other| self.shared.seats.get(other as usize));
        let most = others.map(|other| other.claims.load(Ordering::Relaxed)).max().unwrap_or(0);
        words.claims.store(most, Ordering::Relaxed);
        self.shared.taken.fetch_or(1 << seat, Ordering::AcqRel);
    }

    /// Lets the worker on `seat` end after the job at hand.
    ///
    /// # Real-time
    /// Main thread; never blocks.
    pub fn retire(&self, seat: u32) {
        let Some(words) = self.shared.seats.get(seat as usize) else { return };
        words.retiring.store(1, Ordering::Release);
        self.vacate(seat);
        self.shared.wake(seat);
    }

    /// Counts no more on the worker on `seat`: it is dead or retiring.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn vacate(&self, seat: u32) {
        self.shared.taken.fetch_and(!(1u32.checked_shl(seat).unwrap_or(0)), Ordering::AcqRel);
    }

    /// Gives up whatever a dead worker had claimed. Only when its thread has certainly ended.
    ///
    /// # Real-time
    /// Main thread; wait-free.
    pub fn bury(&self, seat: u32) {
        for board in &self.boards {
            board.bury(seat);
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
