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
use crate::config::{AUDIO_JOBS, MAX_TASKS};
use crate::events::{NO_SEAT, Occurrence, Return, microseconds};
use crate::job::{Commons, run_slice};
use crate::lockfree::board::{Class, Descriptor, Poster, Stage, Ticket};
use crate::log::AudioLog;
use crate::seats::PoolShared;

/// A job that nobody has claimed for so long, or a claimed one without progress for so long, gets no more trust: the time
/// of a wake-up, or of one preemption on a busy machine. By the pool's clock, because within a burst frames pass and
/// time does not.
const PATIENCE_MS: f64 = 1000.0 * WAKE_SECONDS as f64;

/// A job of the audio thread, wherever it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    index: usize,
    generation: u32,
}

/// What becomes of a job that a worker has claimed and does not bring.
#[derive(Clone, Copy)]
pub enum Otherwise {
    /// It never goes to a worker.
    Own,
    /// The audio thread computes this one, which writes elsewhere.
    Instead(Descriptor),
    /// It is waited for until its worker has ended it or is dead: only for what can be done again from where it was left,
    /// and is not in a hurry.
    Wait,
}

/// Where the result of a job is, and who may still write where it is not.
#[derive(Clone, Copy)]
pub struct Collected {
    /// The other computation was done instead.
    pub instead: bool,
    /// A worker still has the first one.
    pub abandoned: Option<Ticket>,
}

#[derive(Clone, Copy)]
enum Place {
    /// Posted; with the slices that were finished when the audio thread last saw some, and when that was; at first, when
    /// it was posted.
    Pool { ticket: Ticket, slices: u32, seen_ms: f64 },
    /// The audio thread computes it since that frame, and has finished so many slices.
    Own { since: u64, slices: u32 },
}

#[derive(Clone, Copy)]
struct Outstanding {
    /// Counts the jobs: its task's generation.
    number: u32,
    descriptor: Descriptor,
    otherwise: Otherwise,
    posted: u64,
    /// The pool's clock at that time.
    posted_ms: f64,
    deadline: u64,
    place: Place,
    collected: Collected,
}

/// Posts jobs of the audio thread and sees to it that each is there at its deadline.
pub struct Dispatcher<'a> {
    poster: Poster<'a, AUDIO_JOBS>,
    shared: &'a PoolShared<'a>,
    commons: Commons<'a>,
    tasks: [Option<Outstanding>; MAX_TASKS],
    /// How many there are; each takes the first place that is vacant.
    count: usize,
    /// The next task's.
    generation: u32,
    generations: [u32; MAX_TASKS],
    burst: Burst,
    log: AudioLog<'a>,
    /// First frame of the present quantum.
    frame: u64,
    begun: bool,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(
        poster: Poster<'a, AUDIO_JOBS>,
        shared: &'a PoolShared<'a>,
        commons: Commons<'a>,
        log: AudioLog<'a>,
        sample_rate: f32,
    ) -> Self {
        Self {
            poster,
            shared,
            commons,
            tasks: [None; MAX_TASKS],
            count: 0,
            generation: 0,
            generations: [0; MAX_TASKS],
            burst: Burst::new(sample_rate),
            log,
            frame: 0,
            begun: false,
        }
    }

    /// What all jobs read.
    pub(crate) fn commons(&self) -> Commons<'a> {
        self.commons
    }

    /// A quantum of `frames` frames begins at `frame` of the context's clock: looks after every job on its way. Further
    /// calls for the same quantum do nothing, so each node's processor may make one, nor do calls for an older one, of a node that has
    /// just begun and was told no newer.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn begin_quantum(&mut self, frame: u64, frames: usize) {
        if self.begun && frame <= self.frame {
            return;
        }
        self.frame = frame;
        self.begun = true;
        let now_ms = self.shared.clock_ms();
        self.burst.observe(now_ms, frames);
        self.log.begin(now_ms, frame);
        let mut left = self.count;
        for index in 0..MAX_TASKS {
            if left == 0 {
                return;
            }
            left -= usize::from(matches!(self.tasks.get(index), Some(Some(_))));
            self.look_after(index, now_ms);
            self.work(index, frame.wrapping_add(frames as u64));
        }
    }

    /// A node has rendered the present quantum: the time until now was spent here, for all that is known.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn leave_quantum(&mut self) {
        self.log.leave(self.shared.clock_ms());
    }

    /// The pool's clock at the beginning of the present quantum.
    ///
    /// # Real-time
    /// Audio thread.
    pub(crate) fn clock_ms(&self) -> f64 {
        self.log.clock_ms()
    }

    /// Posts a job whose result is needed `slack` frames after frame `posted` of the context's clock, which lies in the
    /// present quantum or at its end. `None` when there are too many.
    ///
    /// # Real-time
    /// Audio thread; wakes nobody.
    pub fn post(&mut self, descriptor: Descriptor, otherwise: Otherwise, posted: u64, slack: usize) -> Option<Task> {
        let counts = &self.shared.dispatched;
        let Some((index, vacant)) = self.tasks.iter_mut().enumerate().find(|(_, task)| task.is_none()) else {
            counts.refused.add(1);
            self.log.write(Occurrence::Refused { kind: descriptor.kind, slack: word(slack as u64) });
            return None;
        };
        let deadline = posted.wrapping_add(slack as u64);
        let goes = !matches!(otherwise, Otherwise::Own) && self.burst.leaves_time(slack);
        // With the board full of jobs that dead workers have it is the audio thread's, too.
        let ticket = if goes { self.poster.reserve(descriptor, |_| ()) } else { None };
        let place = match ticket {
            Some(ticket) => {
                let class = if let Otherwise::Wait = otherwise { Class::Background } else { Class::RealTime };
                #[expect(clippy::cast_possible_truncation, reason = "deadlines wrap")]
                self.poster.post(ticket, class, deadline as u32);
                Place::Pool { ticket, slices: 0, seen_ms: self.shared.clock_ms() }
            }
            None => {
                // What never goes to a worker is not counted.
                if !matches!(otherwise, Otherwise::Own) {
                    counts.own.add(1);
                }
                Place::Own { since: posted, slices: 0 }
            }
        };
        let collected = Collected { instead: false, abandoned: None };
        self.count += 1;
        self.generation = self.generation.wrapping_add(1);
        let number = self.generation;
        let posted_ms = self.log.clock_ms();
        *vacant = Some(Outstanding { number, descriptor, otherwise, posted, posted_ms, deadline, place, collected });
        let for_workers = matches!(place, Place::Pool { .. });
        let (kind, slack) = (descriptor.kind, word(slack as u64));
        self.log.usual(Occurrence::Posted { job: number, kind, slack, for_workers });
        if let Some(generation) = self.generations.get_mut(index) {
            *generation = self.generation;
        }
        Some(Task { index, generation: self.generation })
    }

    /// Whether the result of a job is there already.
    ///
    /// # Real-time
    /// Audio thread.
    pub(crate) fn is_done(&self, task: Task) -> bool {
        self.outstanding(task).is_some_and(|job| match job.place {
            Place::Pool { ticket, .. } => matches!(self.poster.stage(ticket), Stage::Done { .. }),
            Place::Own { slices, .. } => slices >= job.descriptor.slices,
        })
    }

    /// Ends a job whose deadline has come. What is missing of it is computed now.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn collect(&mut self, task: Task) -> Option<Collected> {
        let job = self.outstanding(task)?;
        if let Place::Pool { ticket, .. } = job.place {
            if let Stage::Done { .. } = self.poster.stage(ticket) {
                self.shared.dispatched.by_workers.add(1);
                let seat = self.poster.owner(ticket).unwrap_or(NO_SEAT);
                self.log.usual(Occurrence::Brought { job: job.number, kind: job.descriptor.kind, seat });
                return self.forget(task);
            }
            self.take_over(task.index);
        }
        self.work(task.index, job.deadline);
        self.forget(task)
    }

    /// Gives a job up, wherever it runs.
    ///
    /// # Real-time
    /// Audio thread.
    pub(crate) fn cancel(&mut self, task: Task) -> Option<Collected> {
        let Some(Some(job)) = self.tasks.get_mut(task.index) else { return None };
        if let Place::Pool { ticket, .. } = job.place
            && !self.poster.withdraw(ticket)
        {
            job.collected.abandoned = Some(ticket);
        }
        self.forget(task)
    }

    /// Whether a worker that had an abandoned job has ended it, or is buried.
    ///
    /// # Real-time
    /// Audio thread.
    pub(crate) fn has_ended(&mut self, abandoned: Ticket) -> bool {
        self.poster.has_ended(abandoned)
    }

    fn outstanding(&self, task: Task) -> Option<Outstanding> {
        let ours = self.generations.get(task.index) == Some(&task.generation);
        self.tasks.get(task.index).copied().flatten().filter(|_| ours)
    }

    fn forget(&mut self, task: Task) -> Option<Collected> {
        let job = self.tasks.get_mut(task.index)?.take()?;
        self.count -= 1;
        if let Place::Pool { ticket, .. } = job.place {
            self.poster.release(ticket);
        }
        Some(job.collected)
    }

    /// Takes a job back that a worker does not seem to bring in time.
    fn look_after(&mut self, index: usize, now_ms: f64) {
        let Some(Some(job)) = self.tasks.get_mut(index) else { return };
        let Place::Pool { ticket, slices: seen, seen_ms } = &mut job.place else { return };
        let (elapsed, slack) = (self.frame.wrapping_sub(job.posted), job.deadline.wrapping_sub(job.posted));
        let stage = self.poster.stage(*ticket);
        if let Stage::Running { slices } = stage
            && slices != *seen
        {
            (*seen, *seen_ms) = (slices, now_ms);
        }
        // From half of its time on a job must be seen to get on; in the last quarter nobody is trusted.
        let late = elapsed * 2 >= slack && now_ms - *seen_ms >= PATIENCE_MS || elapsed * 4 >= slack * 3;
        let waits = matches!((job.otherwise, stage), (Otherwise::Wait, Stage::Running { .. }));
        if stage == Stage::Lost || late && !waits && !matches!(stage, Stage::Done { .. }) {
            self.take_over(index);
        }
    }

    fn take_over(&mut self, index: usize) {
        let Some(Some(job)) = self.tasks.get_mut(index) else { return };
        let Place::Pool { ticket, .. } = job.place else { return };
        let counts = &self.shared.dispatched;
        let (how, taken) = match self.poster.stage(ticket) {
            Stage::Unclaimed => (Return::Unclaimed, &counts.taken_unclaimed),
            Stage::Lost => (Return::Lost, &counts.taken_silent),
            Stage::Running { .. } | Stage::Done { .. } => (Return::Silent, &counts.taken_silent),
        };
        taken.add(1);
        let seat = self.poster.owner(ticket).unwrap_or(NO_SEAT);
        self.log.write(Occurrence::TakenBack {
            kind: job.descriptor.kind,
            seat,
            how,
            waited_us: microseconds(self.log.clock_ms() - job.posted_ms),
            elapsed: word(self.frame.saturating_sub(job.posted)),
            slack: word(job.deadline.saturating_sub(self.frame)),
        });
        if !self.poster.withdraw(ticket) {
            job.collected.abandoned = Some(ticket);
            if let Otherwise::Instead(descriptor) = job.otherwise {
                job.descriptor = descriptor;
                job.collected.instead = true;
            }
        }
        self.poster.release(ticket);
        if let Otherwise::Wait = job.otherwise {
            // It has as much time again.
            let slack = job.deadline.wrapping_sub(job.posted);
            job.posted = self.frame;
            job.deadline = self.frame.wrapping_add(slack);
        }
        job.place = Place::Own { since: self.frame, slices: 0 };
    }

    /// Computes as much of an own job as is due at frame `until`.
    fn work(&mut self, index: usize, until: u64) {
        let Some(Some(job)) = self.tasks.get_mut(index) else { return };
        let Place::Own { since, slices } = &mut job.place else { return };
        let total = u64::from(job.descriptor.slices);
        let span = job.deadline.saturating_sub(*since);
        let elapsed = until.saturating_sub(*since).min(span);
        // Slices finished, as a share of all, must not fall behind frames elapsed, as a share of all. A job without
        // any time is due at once.
        while u64::from(*slices) < total && (u64::from(*slices) * span < total * elapsed || elapsed == span) {
            run_slice(&job.descriptor, *slices, &[], &mut [], &self.commons);
            *slices += 1;
        }
    }
}

fn word(frames: u64) -> u32 {
    u32::try_from(frames).unwrap_or(u32::MAX)
}
