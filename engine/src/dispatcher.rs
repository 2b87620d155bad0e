//! The audio thread's end of the pool: what a job computes is fixed, where it runs is not.
//!
//! A job is posted with a deadline in frames. The audio thread computes it itself, a slice now and then, spread evenly
//! over the frames that are left, when
//!
//! - the pool's clock does not tick: solo mode, an offline context, a pool that is dead;
//! - the browser calls in bursts so long that the job could not come back in time;
//! - at half of its time nobody has claimed it, or whoever has makes no progress;
//! - at three quarters of its time it is not done.
//!
//! So no sample ever depends on a worker: a killed, hung or starved one costs the audio thread time and nothing else.

use crate::burst::{Burst, WAKE_SECONDS};
use crate::config::{AUDIO_JOBS, ConfigError};
use crate::job::{Responses, run_slice};
use crate::lockfree::board::{Class, Descriptor, Poster, Stage, Ticket};
use crate::memory::Arena;
use crate::seats::PoolShared;

/// Samples of an audio job's output.
pub(crate) const OUTPUT_SAMPLES: usize = 2 * crate::config::CONVOLVER_BLOCK_FRAMES;

/// A job that nobody has claimed for so long, or a claimed one without progress for so long, gets no more trust: the time
/// of a wake-up, or of one preemption on a busy machine. By the pool's clock, because within a burst frames pass and
/// time does not.
const PATIENCE_MS: f64 = 1000.0 * WAKE_SECONDS as f64;

#[derive(Clone, Copy)]
enum Place {
    /// Posted; with the slices that were finished when the audio thread last saw some, and when that was; at first, when
    /// it was posted.
    Pool { slices: u32, seen_ms: f64 },
    /// The audio thread computes it since that frame, and has finished so many slices.
    Own { since: u64, slices: u32 },
}

#[derive(Clone, Copy)]
struct Outstanding {
    ticket: Ticket,
    descriptor: Descriptor,
    posted: u64,
    deadline: u64,
    place: Place,
}

/// Posts jobs of the audio thread and sees to it that each is there at its deadline.
pub struct Dispatcher<'a> {
    poster: Poster<'a, AUDIO_JOBS>,
    shared: &'a PoolShared<'a>,
    responses: Responses<'a>,
    /// What the audio thread computes itself, by slot.
    outputs: [&'a mut [f32]; AUDIO_JOBS],
    jobs: [Option<Outstanding>; AUDIO_JOBS],
    burst: Burst,
    /// First frame of the present quantum.
    frame: u64,
    begun: bool,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(
        arena: &mut Arena<'a>,
        poster: Poster<'a, AUDIO_JOBS>,
        shared: &'a PoolShared<'a>,
        responses: Responses<'a>,
        sample_rate: f32,
    ) -> Result<Self, ConfigError> {
        let mut outputs = [const { None }; AUDIO_JOBS];
        for output in &mut outputs {
            *output = Some(arena.slice::<f32>(OUTPUT_SAMPLES)?);
        }
        Ok(Self {
            poster,
            shared,
            responses,
            outputs: outputs.map(Option::unwrap_or_default),
            jobs: [None; AUDIO_JOBS],
            burst: Burst::new(sample_rate),
            frame: 0,
            begun: false,
        })
    }

    /// The engine's impulse responses.
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn responses(&self) -> &Responses<'a> {
        &self.responses
    }

    /// A quantum of `frames` frames begins at `frame` of the context's clock: looks after every job on its way. Further
    /// calls for the same quantum do nothing, so each node's processor may make one.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn begin_quantum(&mut self, frame: u64, frames: usize) {
        if self.begun && frame == self.frame {
            return;
        }
        self.frame = frame;
        self.begun = true;
        let now_ms = self.shared.clock_ms();
        self.burst.observe(now_ms, frames);
        for slot in 0..AUDIO_JOBS {
            self.look_after(slot, now_ms);
            self.work(slot, frame.wrapping_add(frames as u64));
        }
    }

    /// Posts a job whose result is needed `slack` frames after frame `posted` of the context's clock, which lies in the
    /// present quantum or at its end; `fill` writes its input.
    /// `None` when the board is full, which takes two dozen jobs with dead workers at once.
    ///
    /// # Real-time
    /// Audio thread; wakes nobody.
    pub fn post(
        &mut self,
        descriptor: Descriptor,
        posted: u64,
        slack: usize,
        fill: impl FnOnce(&mut [f32]),
    ) -> Option<Ticket> {
        let Some(ticket) = self.poster.reserve(descriptor, fill) else {
            self.shared.dispatched.refused.add(1);
            return None;
        };
        let deadline = posted.wrapping_add(slack as u64);
        let place = if self.burst.leaves_time(slack) {
            #[expect(clippy::cast_possible_truncation, reason = "deadlines wrap")]
            self.poster.post(ticket, Class::RealTime, deadline as u32);
            Place::Pool { slices: 0, seen_ms: self.shared.clock_ms() }
        } else {
            self.shared.dispatched.own.add(1);
            Place::Own { since: posted, slices: 0 }
        };
        if let Some(job) = self.jobs.get_mut(ticket.slot()) {
            *job = Some(Outstanding { ticket, descriptor, posted, deadline, place });
        }
        Some(ticket)
    }

    /// Shows the result of a job, whose deadline has come, and forgets the job. What is missing of it is computed now.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn collect<R>(&mut self, ticket: Ticket, show: impl FnOnce(&[f32]) -> R) -> Option<R> {
        let slot = ticket.slot();
        let job = self.jobs.get(slot).copied().flatten().filter(|job| job.ticket == ticket)?;
        if let Place::Pool { .. } = job.place {
            if let Stage::Done { .. } = self.poster.stage(ticket) {
                self.shared.dispatched.by_workers.add(1);
                let shown = self.poster.output(ticket, show);
                self.forget(ticket);
                return shown;
            }
            self.take_over(slot);
        }
        self.work(slot, job.deadline);
        let shown = self.outputs.get(slot).map(|output| show(output));
        self.forget(ticket);
        shown
    }

    fn forget(&mut self, ticket: Ticket) {
        self.poster.release(ticket);
        if let Some(job) = self.jobs.get_mut(ticket.slot()) {
            *job = None;
        }
    }

    /// Takes a job back that a worker does not seem to bring in time.
    fn look_after(&mut self, slot: usize, now_ms: f64) {
        let Some(Some(job)) = self.jobs.get_mut(slot) else { return };
        let Place::Pool { slices: seen, seen_ms } = &mut job.place else { return };
        let (elapsed, slack) = (self.frame.wrapping_sub(job.posted), job.deadline.wrapping_sub(job.posted));
        let stage = self.poster.stage(job.ticket);
        if let Stage::Running { slices } = stage
            && slices != *seen
        {
            (*seen, *seen_ms) = (slices, now_ms);
        }
        // From half of its time on a job must be seen to get on; in the last quarter nobody is trusted.
        let late = elapsed * 2 >= slack && now_ms - *seen_ms >= PATIENCE_MS || elapsed * 4 >= slack * 3;
        if stage == Stage::Lost || late && !matches!(stage, Stage::Done { .. }) {
            self.take_over(slot);
        }
    }

    fn take_over(&mut self, slot: usize) {
        let Some(Some(job)) = self.jobs.get_mut(slot) else { return };
        let unclaimed = self.poster.stage(job.ticket) == Stage::Unclaimed;
        let counts = &self.shared.dispatched;
        let taken = if unclaimed { &counts.taken_unclaimed } else { &counts.taken_silent };
        taken.add(1);
        self.poster.withdraw(job.ticket);
        job.place = Place::Own { since: self.frame, slices: 0 };
    }

    /// Computes as much of an own job as is due at frame `until`.
    fn work(&mut self, slot: usize, until: u64) {
        let Some(Some(job)) = self.jobs.get_mut(slot) else { return };
        let Place::Own { since, slices } = &mut job.place else { return };
        let Some(output) = self.outputs.get_mut(slot) else { return };
        let total = u64::from(job.descriptor.slices);
        let span = job.deadline.saturating_sub(*since);
        let elapsed = until.saturating_sub(*since).min(span);
        let (descriptor, responses) = (&job.descriptor, &self.responses);
        self.poster.input(job.ticket, |input| {
            // Slices finished, as a share of all, must not fall behind frames elapsed, as a share of all. A job without
            // any time is due at once.
            while u64::from(*slices) < total && (u64::from(*slices) * span < total * elapsed || elapsed == span) {
                run_slice(descriptor, *slices, input, output, responses);
                *slices += 1;
            }
        });
    }
}
