//! A board passes each posted job to at most one claimer, and back to the poster unless it was withdrawn; a slot is free
//! again when its poster and its owner are both through with it.

use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::board::{
    Claim, Claimer, Class, Descriptor, Noticeboard, Offer, Poster, Stage, Ticket, board as make_board,
};

use crate::script::Script;

const SLOTS: usize = 3;
const OWNERS: u32 = 3;
const SAMPLES: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reserved,
    Posted,
    Running { owner: u32, slices: u32 },
    Done { execution_us: u32 },
    Lost,
}

struct Job {
    ticket: Ticket,
    number: u32,
    class: Class,
    deadline: u32,
    state: State,
    withdrawn: bool,
    released: bool,
}

impl Job {
    /// Whether neither the poster nor an owner needs the slot any more.
    fn is_over(&self) -> bool {
        self.released && !matches!(self.state, State::Running { .. })
    }
}

struct Board<'a> {
    poster: Poster<'a, SLOTS>,
    notices: Noticeboard<'a>,
    claimers: Vec<Claimer<'a>>,
    /// What each claimer holds: the job's number and its claim.
    claims: Vec<Option<(u32, Claim)>>,
    jobs: Vec<Job>,
    /// Offers that were seen once, and the job's number.
    seen: Vec<(u32, Offer)>,
    posted: u32,
    /// A buried owner has ended its claim.
    late: bool,
}

fn descriptor(number: u32) -> Descriptor {
    Descriptor { kind: 4, slices: 3, arguments: [number; 6] }
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn input(number: u32) -> f32 {
    number as f32
}

impl Board<'_> {
    fn job(&mut self, number: u32) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.number == number)
    }

    fn reserve(&mut self, script: &mut Script<'_>) {
        let number = self.posted;
        let ticket = self.poster.reserve(descriptor(number), |samples| {
            assert_eq!(samples.len(), SAMPLES);
            samples.fill(input(number));
        });
        assert_eq!(ticket.is_some(), self.jobs.len() < SLOTS, "there is a slot as long as one is free");
        let Some(ticket) = ticket else { return };
        assert!(self.jobs.iter().all(|job| job.ticket.slot() != ticket.slot()), "a slot is given once");
        self.posted += 1;
        let class = [Class::RealTime, Class::Interactive, Class::Background][script.below(3) as usize];
        let deadline = script.below(8).wrapping_sub(4);
        self.jobs.push(Job {
            ticket,
            number,
            class,
            deadline,
            state: State::Reserved,
            withdrawn: false,
            released: false,
        });
    }

    fn poster_operates(&mut self, script: &mut Script<'_>) {
        if self.jobs.is_empty() {
            return;
        }
        let chosen = script.place(self.jobs.len());
        let (poster, job) = (&mut self.poster, &mut self.jobs[chosen]);
        match script.below(5) {
            0 | 1 => {
                poster.post(job.ticket, job.class, job.deadline);
                if job.state == State::Reserved && !job.released {
                    (job.state, job.withdrawn) = (State::Posted, false);
                }
            }
            2 => {
                poster.withdraw(job.ticket);
                if !job.released && job.state != State::Reserved {
                    job.withdrawn = true;
                    if job.state == State::Posted {
                        job.state = State::Reserved;
                    }
                }
            }
            3 => {
                poster.release(job.ticket);
                job.withdrawn |= job.state != State::Reserved;
                job.released = true;
                if job.state == State::Posted {
                    job.state = State::Reserved;
                }
            }
            _ => {}
        }
    }

    fn claim(&mut self, owner: u32, offer: Offer, number: u32) {
        let claim = self.claimers[owner as usize].claim(offer);
        let job = self.job(number).filter(|job| job.state == State::Posted);
        assert_eq!(claim.is_some(), job.is_some(), "exactly what is posted can be claimed");
        if let (Some(claim), Some(job)) = (claim, job) {
            job.state = State::Running { owner, slices: 0 };
            assert_eq!((claim.descriptor(), claim.class()), (&descriptor(number), job.class));
            self.claims[owner as usize] = Some((number, claim));
        }
    }

    fn look(&mut self, owner: u32, script: &mut Script<'_>) {
        let offers: Vec<Offer> = self.claimers[owner as usize].offers().collect();
        let posted = || self.jobs.iter().filter(|job| job.state == State::Posted);
        assert_eq!(offers.len(), posted().count());
        let numbers: Vec<u32> = offers
            .iter()
            .map(|offer| {
                let job = posted().find(|job| job.ticket.slot() == offer.slot).expect("only posted jobs are offered");
                assert_eq!((offer.class, offer.deadline), (job.class, job.deadline));
                job.number
            })
            .collect();
        self.seen.extend(numbers.iter().copied().zip(offers.iter().copied()));
        let best = offers.iter().copied().zip(numbers).reduce(|a, b| if b.0.precedes(&a.0) { b } else { a });
        let Some((offer, number)) = best else { return };
        let urgency = |class: Class, deadline: u32| (class, deadline.cast_signed());
        let most_urgent = posted().map(|job| urgency(job.class, job.deadline)).min();
        assert_eq!(Some(urgency(offer.class, offer.deadline)), most_urgent);
        if script.below(3) > 0 {
            self.claim(owner, offer, number);
        }
    }

    fn claimer_operates(&mut self, script: &mut Script<'_>) {
        let owner = script.below(OWNERS);
        let Some((number, claim)) = self.claims[owner as usize].take() else {
            if script.below(4) > 0 || self.seen.is_empty() {
                self.look(owner, script);
            } else {
                let (number, offer) = self.seen[script.place(self.seen.len())];
                self.claim(owner, offer, number);
            }
            return;
        };
        let claimer = &mut self.claimers[owner as usize];
        let job = self.jobs.iter_mut().find(|job| job.number == number);
        // Gone or buried: nothing that a late owner says counts.
        let job = job.filter(|job| matches!(job.state, State::Running { owner: running, .. } if running == owner));
        match (script.below(4), job) {
            (0, Some(job)) => {
                let slices = script.below(3);
                claimer.progress(&claim, slices);
                job.state = State::Running { owner, slices };
                assert_eq!(claimer.is_wanted(&claim), !job.withdrawn);
                self.claims[owner as usize] = Some((number, claim));
            }
            (1, job) => {
                claimer.fail(claim);
                if let Some(job) = job {
                    job.state = State::Lost;
                }
            }
            (_, job) => {
                if job.is_some() {
                    claimer.compute(&claim, |what, source, target| {
                        assert_eq!(what, &descriptor(number));
                        assert_eq!(source, [input(number); SAMPLES]);
                        assert_eq!(target.len(), SAMPLES);
                        target.fill(-input(number));
                    });
                }
                self.late |= job.is_none();
                assert_eq!(claimer.complete(claim, number), job.is_some());
                if let Some(job) = job {
                    job.state = State::Done { execution_us: number };
                }
            }
        }
    }

    fn bury(&mut self, owner: u32) {
        self.notices.bury(owner);
        for job in &mut self.jobs {
            if matches!(job.state, State::Running { owner: running, .. } if running == owner) {
                job.state = State::Lost;
            }
        }
    }

    fn check(&mut self) {
        self.jobs.retain(|job| !job.is_over());
        assert_eq!(self.poster.free_slots(), SLOTS - self.jobs.len());
        for job in &self.jobs {
            let expected = match job.state {
                State::Reserved => None,
                State::Posted => Some(Stage::Unclaimed),
                State::Running { slices, .. } => Some(Stage::Running { slices }),
                State::Done { execution_us } => Some(Stage::Done { execution_us }),
                State::Lost => Some(Stage::Lost),
            };
            if let Some(expected) = expected {
                let stage = self.poster.stage(job.ticket);
                // A buried owner that runs after all may still overwrite the time, which is statistics only.
                let times_differ = matches!((stage, expected), (Stage::Done { .. }, Stage::Done { .. }));
                assert!(stage == expected || times_differ && self.late, "{stage:?} and not {expected:?}");
            }
            let readable = self.poster.input(job.ticket, |samples| samples == [input(job.number); SAMPLES]);
            assert_eq!(readable, (!job.released).then_some(true));
            let done = matches!(job.state, State::Done { .. }) && !job.withdrawn;
            let output = self.poster.output(job.ticket, |samples| samples == [-input(job.number); SAMPLES]);
            assert_eq!(output, done.then_some(true));
        }
        for owner in 0..OWNERS {
            let runs = |job: &&Job| matches!(job.state, State::Running { owner: running, .. } if running == owner);
            assert_eq!(self.notices.claimed_by(owner), self.jobs.iter().filter(runs).count());
        }
    }
}

/// See the module.
pub fn board(words: &[u32]) {
    let mut script = Script::new(words);
    let mut memory = Memory::new(4096);
    let (poster, notices) = make_board::<SLOTS>(&mut memory.arena(), SAMPLES, SAMPLES).unwrap();
    let claimers = (0..OWNERS).map(|owner| notices.claimer(owner)).collect();
    let claims = (0..OWNERS).map(|_| None).collect();
    let mut board =
        Board { poster, notices, claimers, claims, jobs: Vec::new(), seen: Vec::new(), posted: 0, late: false };
    while !script.is_over() {
        match script.below(8) {
            0 | 1 => board.reserve(&mut script),
            2..=4 => board.poster_operates(&mut script),
            5 | 6 => board.claimer_operates(&mut script),
            _ if script.below(4) == 0 => board.bury(script.below(OWNERS)),
            _ => {}
        }
        board.check();
    }
}
