//! A page in virtual time: the engine's own threads, one after the other in the order of a clock that never waits, with a
//! device, a server and a page around them that stall when they are told to.
//!
//! Everybody draws from a generator of his own, so that one stall more or less changes nothing for the others.

use rusty_audio_engine::effects::StandardEffects;
use rusty_audio_engine::events::{ContextState, PageState};
use rusty_audio_engine::protocol::{Command, Join};
use rusty_audio_engine::{
    Controller, Feeder, Loss, Memory, NodeConfig, Otherwise, PlayerTape, Processor, Tape, Task, Turn, job, player,
};
use rusty_audio_recorder::{PageLog, Recording, Thread, Track};
use rusty_audio_tests::{Pool, RATE, Random};

const QUANTUM: u32 = 128;
const QUANTUM_MS: f64 = 1000.0 * QUANTUM as f64 / RATE as f64;
const RING_FRAMES: u32 = 32_768;
/// Frames that the decode worker makes of what it has read, before it reads again.
const BLOCK_FRAMES: u32 = 32_768;
const CHUNK_FRAMES: u32 = 4096;
/// Frames from job to job, and the time that each has.
const JOB_FRAMES: u32 = 2048;
/// A clock does not start at 0.
pub const START_MS: f64 = 1_700_000_000_000.0;
const NEVER: f64 = f64::INFINITY;
const BEAT_MS: f64 = 100.0;
const HIDDEN_BEAT_MS: f64 = 1000.0;
/// How often the page looks at its workers, what a look counts at most, when a worker is dead, and how long its seat rests: the
/// host's figures.
const LOOK_MS: f64 = 25.0;
const LONGEST_LOOK_MS: f64 = 50.0;
const SILENT_MS: f64 = 100.0;
const REST_MS: f64 = 3000.0;

/// What may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    WorkerLate,
    WorkerDead,
    DecodeLate,
    AudioOverloaded,
    DeviceStalled,
    PageFrozen,
}

pub const FAULTS: [Fault; 6] = [
    Fault::WorkerLate,
    Fault::WorkerDead,
    Fault::DecodeLate,
    Fault::AudioOverloaded,
    Fault::DeviceStalled,
    Fault::PageFrozen,
];

/// Something that goes wrong for a while.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    pub fault: Fault,
    pub from_ms: f64,
    pub to_ms: f64,
    /// Which of two ways it takes.
    pub variant: bool,
    /// How many times a quantum's time a quantum takes.
    pub factor: f64,
    /// Whether the page looks after its workers meanwhile, as the host does. Otherwise it trusts them.
    pub watched: bool,
}

impl Stall {
    /// One that is bad enough to be noticed, whatever the browser, and begins at `from_ms`.
    pub fn draw(fault: Fault, from_ms: f64, random: &mut Random) -> Self {
        let mut between = |least: f64, most: f64| least + (most - least) * random.below(1000) as f64 / 1000.0;
        let factor = between(1.5, 3.0);
        let length_ms = match fault {
            Fault::WorkerLate => between(70.0, 400.0),
            Fault::WorkerDead => between(600.0, 1500.0),
            Fault::DecodeLate | Fault::PageFrozen => between(1800.0, 4000.0),
            // So much is lost.
            Fault::AudioOverloaded => between(80.0, 300.0) * factor / (factor - 1.0),
            Fault::DeviceStalled => between(80.0, 400.0),
        };
        let variant = between(0.0, 1.0) < 0.5;
        Self { fault, from_ms, to_ms: from_ms + length_ms, variant, factor, watched: false }
    }

    /// No worker gets any time, whoever keeps the time neither, and the page replaces those that are silent for long.
    pub fn starve(from_ms: f64, random: &mut Random) -> Self {
        let length_ms = 60.0 + random.below(340) as f64;
        Self {
            fault: Fault::WorkerLate,
            from_ms,
            to_ms: from_ms + length_ms,
            variant: true,
            factor: 1.0,
            watched: true,
        }
    }

    fn lasts(&self, fault: Fault, ms: f64) -> bool {
        self.fault == fault && self.from_ms <= ms && ms < self.to_ms
    }
}

/// What the page or its user does, none of which is a fault.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Pause,
    Play,
    Seek,
    EndOfFile,
    Hide,
    Show,
    Suspend,
    Resume,
    Retire,
}

/// What browsers, devices and machines differ in.
#[derive(Clone, Copy, Debug)]
struct Browser {
    callback_quanta: u32,
    /// Callbacks that the device has in store.
    buffered: f64,
    /// Whether it asks for what it missed, or leaves it out.
    catches_up: bool,
    load: f64,
    /// Whether what the decode worker reads passes through the page.
    through_page: bool,
    workers: u32,
}

/// What the audio thread does next.
#[derive(Clone, Copy)]
enum Step {
    Callback,
    Begin(u32),
    End(u32),
}

/// A worker as the page looks after it.
struct Member {
    seat: u32,
    beats: u32,
    silent_ms: f64,
    /// It has taken a turn.
    begun: bool,
}

/// The engine and all around it.
pub struct World<'a> {
    browser: Browser,
    stalls: Vec<Stall>,
    deeds: Vec<(f64, Deed)>,
    now_ms: f64,

    controller: Controller<'a>,
    feeder: Feeder<'a>,
    processor: Processor<'a, StandardEffects<'a>>,
    pool: Pool<'a>,
    page: PageLog,

    audio: Random,
    audio_ms: f64,
    step: Step,
    frame: u64,
    device_ms: f64,
    underruns: u32,
    underrun_ms: f64,
    told_underruns: u32,
    in_underrun: bool,
    running: bool,
    stuck: bool,
    tasks: Vec<(u64, Task)>,

    workers: Random,
    turn_ms: [f64; 16],
    dead: Option<u32>,
    held: Option<u32>,
    funerals: Vec<(f64, u32, bool)>,
    members: Vec<Member>,
    look_ms: f64,
    looked_ms: f64,
    silent_ends: u64,
    /// Seats of workers that the page terminated and whose threads run on.
    unheard: Vec<u32>,

    decode: Random,
    decode_ms: f64,
    waits: bool,
    left: u32,
    epoch: u32,
    ended: bool,

    main: Random,
    beat_ms: f64,
    stats_ms: f64,
    visible: bool,
    /// What the page will hear of the context.
    heard: Option<(f64, ContextState)>,
}

/// What was counted, by others than the recorders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Frames of the player that were not there.
    pub starved_frames: u64,
    /// Jobs that the audio thread took back.
    pub taken_jobs: u64,
    /// Underruns of the device, as the page last heard.
    pub device_underruns: u64,
    /// Workers that the page terminated and that were not heard of again before the recording ended.
    pub silent_ends: u64,
}

/// Lets a world of `seed` run for so long, with those stalls and deeds, and gives what its recorders have and what was counted.
pub fn run(seed: u64, length_ms: f64, stalls: &[Stall], deeds: &[(f64, Deed)]) -> (Recording, Counts) {
    let mut memory = Memory::new(1 << 23);
    let mut arena = memory.arena();
    let pool = Pool::new(&mut arena, RATE);
    let config = NodeConfig { sample_rate: RATE, effects: &[] };
    let (controller, feeder, processor) = player(&mut arena, config, RING_FRAMES).unwrap();
    let stream = |number: u64| seeded(seed * 8 + number);
    let mut random = stream(0);
    let through_page = random.below(2) == 0 || stalls.iter().any(|stall| stall.fault == Fault::PageFrozen);
    let browser = Browser {
        callback_quanta: random.pick(&[1, 2, 4, 8]),
        buffered: random.pick(&[1.5, 2.0, 3.0]),
        catches_up: random.below(2) == 0,
        load: random.pick(&[0.1, 0.25, 0.5]),
        through_page,
        workers: random.pick(&[1, 2, 3]),
    };
    let mut world = World {
        browser,
        stalls: stalls.to_vec(),
        deeds: deeds.to_vec(),
        now_ms: START_MS,
        controller,
        feeder,
        processor,
        pool,
        page: PageLog::default(),
        audio: stream(1),
        audio_ms: START_MS + 50.0,
        step: Step::Callback,
        frame: 0,
        device_ms: START_MS + 50.0,
        underruns: 0,
        underrun_ms: 0.0,
        told_underruns: 0,
        in_underrun: false,
        running: true,
        stuck: false,
        tasks: Vec::new(),
        workers: stream(2),
        turn_ms: [NEVER; 16],
        dead: None,
        held: None,
        funerals: Vec::new(),
        members: Vec::new(),
        look_ms: if stalls.iter().any(|stall| stall.watched) { START_MS + 100.0 } else { NEVER },
        looked_ms: START_MS + 100.0,
        silent_ends: 0,
        unheard: Vec::new(),
        decode: stream(3),
        decode_ms: START_MS,
        waits: false,
        left: BLOCK_FRAMES,
        epoch: 1,
        ended: false,
        main: stream(4),
        beat_ms: START_MS,
        stats_ms: START_MS + 1000.0,
        visible: true,
        heard: None,
    };
    world.start();
    while world.now_ms < START_MS + length_ms {
        world.pass();
    }
    world.recording()
}

/// A generator that is not like its neighbours'.
pub fn seeded(seed: u64) -> Random {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        random.below(2);
    }
    random
}

/// A number from 0 to 1, most often small.
fn small(random: &mut Random) -> f64 {
    let number = random.below(1000) as f64 / 1000.0;
    number * number * number
}

impl World<'_> {
    fn start(&mut self) {
        for seat in 0..self.browser.workers {
            self.pool.controller.take_seat(seat);
            self.turn_ms[seat as usize] = START_MS + 10.0 + f64::from(seat);
            self.members.push(Member { seat, beats: 0, silent_ms: 0.0, begun: false });
        }
        self.page.context(START_MS + 40.0, ContextState::Running);
        self.feeder.begin(1, 1, 0, Join::Now).unwrap();
        self.controller.send(Command::PLAY).unwrap();
    }

    /// Lets whoever is next do what is his.
    fn pass(&mut self) {
        let (turn_ms, seat) =
            (0..).zip(self.turn_ms).map(|(seat, ms)| (ms, seat)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let deed_ms = self.deeds.first().map_or(NEVER, |deed| deed.0);
        let heard_ms = self.heard.map_or(NEVER, |heard| heard.0);
        let funeral_ms = self.funerals.first().map_or(NEVER, |funeral| funeral.0);
        let times = [
            self.audio_ms,
            turn_ms,
            self.decode_ms,
            self.beat_ms,
            self.stats_ms,
            deed_ms,
            heard_ms,
            funeral_ms,
            self.look_ms,
        ];
        let (who, ms) = times.into_iter().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        self.now_ms = ms.max(self.now_ms);
        match who {
            0 => self.audio(),
            1 => self.turn(seat),
            2 => self.decode(),
            3 => self.beat(),
            4 => self.stats(),
            5 => {
                let (_, deed) = self.deeds.remove(0);
                self.act(deed);
            }
            6 => {
                if let Some((_, state)) = self.heard.take() {
                    self.page.context(self.now_ms, state);
                }
            }
            7 => self.bury(),
            _ => self.look(),
        }
    }

    fn stall(&self, fault: Fault) -> Option<Stall> {
        self.stalls.iter().copied().find(|stall| stall.lasts(fault, self.now_ms))
    }

    /// When the main thread can do what is due now.
    fn page_ms(&self) -> f64 {
        self.stall(Fault::PageFrozen).map_or(self.now_ms, |stall| stall.to_ms)
    }

    fn audio(&mut self) {
        match self.step {
            Step::Callback if !self.running => self.audio_ms = NEVER,
            Step::Callback => {
                self.audio_ms = self.now_ms;
                match self.stall(Fault::DeviceStalled) {
                    Some(stall) => self.audio_ms = stall.to_ms + small(&mut self.audio),
                    None => self.step = Step::Begin(0),
                }
            }
            Step::Begin(quantum) => {
                let cost = QUANTUM_MS * self.browser.load * (0.8 + 0.4 * small(&mut self.audio));
                let cost = match self.stall(Fault::AudioOverloaded) {
                    // One quantum takes all of the time, or each its part.
                    Some(stall) if stall.variant => {
                        let long = !core::mem::replace(&mut self.stuck, true);
                        if long { stall.to_ms - self.now_ms } else { cost }
                    }
                    Some(stall) => QUANTUM_MS * stall.factor,
                    None => cost,
                };
                self.pool.dispatcher.begin_quantum(self.frame, QUANTUM as usize);
                self.step = Step::End(quantum);
                self.audio_ms = self.now_ms + cost;
            }
            Step::End(quantum) => {
                self.render();
                if quantum + 1 < self.browser.callback_quanta {
                    self.step = Step::Begin(quantum + 1);
                } else {
                    self.step = Step::Callback;
                    self.end_callback();
                }
            }
        }
    }

    fn render(&mut self) {
        let Self { pool, processor, tasks, frame, .. } = self;
        processor.process(&mut pool.dispatcher, *frame, QUANTUM as usize);
        *frame += u64::from(QUANTUM);
        let due: Vec<_> = tasks.iter().filter(|task| task.0 <= *frame).map(|task| task.1).collect();
        tasks.retain(|task| task.0 > *frame);
        for task in due {
            assert!(pool.dispatcher.collect(task).is_some());
        }
        if frame.is_multiple_of(u64::from(JOB_FRAMES)) {
            // Two slices, without an input nothing.
            let descriptor = job::gain(8192, 1.0, 1.0);
            let otherwise = Otherwise::Instead(descriptor);
            if let Some(task) = pool.dispatcher.post(descriptor, otherwise, *frame, JOB_FRAMES as usize) {
                tasks.push((*frame + u64::from(JOB_FRAMES), task));
            }
        }
    }

    /// A callback's frames are with the device, which has run dry if they are later than its store.
    fn end_callback(&mut self) {
        let callback_ms = QUANTUM_MS * f64::from(self.browser.callback_quanta);
        let late_ms = self.now_ms - (self.device_ms + callback_ms * self.browser.buffered);
        if late_ms > 0.0 {
            self.underruns += u32::from(!self.in_underrun);
            self.underrun_ms += late_ms;
            if !self.browser.catches_up {
                self.device_ms += late_ms;
            }
        }
        self.in_underrun = late_ms > 0.0;
        self.device_ms += callback_ms;
        let jitter = 0.5 * callback_ms * small(&mut self.audio);
        self.audio_ms = self.now_ms.max(self.device_ms + jitter);
    }

    fn turn(&mut self, seat: u32) {
        let place = seat as usize;
        let busy = self.pool.controller.seat_telemetry(seat).busy != 0;
        if let Some(stall) = self.stall(Fault::WorkerLate) {
            // Nobody gets his time, or only whoever has a job.
            let held = stall.variant || self.held == Some(seat) || self.held.is_none() && busy;
            if held {
                self.held = Some(seat);
                self.turn_ms[place] = stall.to_ms + 2.0 * small(&mut self.workers);
                return;
            }
        }
        if self.dead.is_none() && busy && self.stall(Fault::WorkerDead).is_some() {
            self.dead = Some(seat);
            self.turn_ms[place] = NEVER;
            let missed_ms = 500.0 + 1500.0 * small(&mut self.workers);
            self.funerals =
                vec![(self.now_ms + missed_ms, seat, false), (self.now_ms + missed_ms + 3000.0, seat, true)];
            return;
        }
        self.unheard.retain(|&unheard| unheard != seat);
        if let Turn::Stop = self.pool.workers[place].turn(self.now_ms) {
            self.turn_ms[place] = NEVER;
            return;
        }
        let busy = self.pool.controller.seat_telemetry(seat).busy != 0;
        let after = if busy { 0.2 + small(&mut self.workers) } else { 1.0 + 3.0 * small(&mut self.workers) };
        self.turn_ms[place] = self.now_ms + after;
    }

    /// The page misses a worker, and gives it up; later its seat is free.
    fn bury(&mut self) {
        let page_ms = self.page_ms();
        if page_ms > self.now_ms {
            self.funerals[0].0 = page_ms;
            return;
        }
        let (_, seat, ended) = self.funerals.remove(0);
        if ended {
            self.pool.controller.bury(seat);
            self.pool.workers[seat as usize] = self.pool.controller.worker(seat);
        } else {
            self.pool.controller.dismiss(seat, Loss::Missed, self.now_ms);
            self.pool.controller.take_seat(8);
            self.turn_ms[8] = self.now_ms + 20.0;
        }
    }

    /// The page looks at everybody, and puts somebody else in the place of who took no turn for too long.
    fn look(&mut self) {
        let elapsed_ms = (self.now_ms - self.looked_ms).min(LONGEST_LOOK_MS);
        (self.looked_ms, self.look_ms) = (self.now_ms, self.page_ms().max(self.now_ms + LOOK_MS));
        for place in 0..self.members.len() {
            let member = &mut self.members[place];
            let beats = self.pool.controller.seat_telemetry(member.seat).beats;
            if beats != member.beats {
                (member.beats, member.silent_ms, member.begun) = (beats, 0.0, true);
            } else if member.begun {
                member.silent_ms += elapsed_ms;
            }
            if member.silent_ms >= SILENT_MS {
                let seat = member.seat;
                self.pool.controller.dismiss(seat, Loss::Missed, self.now_ms);
                // A thread that is terminated has ended, or runs on until it would sleep.
                if self.workers.below(2) == 0 {
                    self.turn_ms[seat as usize] = NEVER;
                    self.silent_ends += 1;
                } else {
                    self.unheard.push(seat);
                }
                self.funerals.push((self.now_ms + REST_MS, seat, true));
                let rests = |seat: u32| self.funerals.iter().any(|funeral| funeral.1 == seat);
                let sits = |seat: u32| self.members.iter().any(|member| member.seat == seat);
                let seat = (0..16).find(|&seat| !rests(seat) && !sits(seat)).unwrap();
                self.pool.controller.take_seat(seat);
                self.turn_ms[seat as usize] = self.now_ms + 20.0;
                let beats = self.pool.controller.seat_telemetry(seat).beats;
                self.members[place] = Member { seat, beats, silent_ms: 0.0, begun: false };
            }
        }
    }

    fn decode(&mut self) {
        if self.waits {
            self.feeder.go_on(self.now_ms);
            (self.waits, self.left) = (false, BLOCK_FRAMES);
        }
        self.decode_ms = self.now_ms + 20.0;
        let stalled = self.stall(Fault::DecodeLate);
        if let Some(stall) = stalled.filter(|stall| stall.variant) {
            // The worker itself gets no time.
            self.decode_ms = stall.to_ms;
            return;
        }
        while self.left > 0
            && !self.ended
            && RING_FRAMES - self.feeder.written().wrapping_sub(self.feeder.read()) >= CHUNK_FRAMES
        {
            self.feeder.push(CHUNK_FRAMES);
            self.left -= CHUNK_FRAMES;
        }
        if self.left == 0 {
            self.feeder.wait(self.now_ms);
            self.waits = true;
            let answer_ms = 3.0 + 50.0 * small(&mut self.decode);
            let served_ms = stalled.map_or(self.now_ms, |stall| stall.to_ms) + answer_ms;
            let thaw =
                |ms: f64| self.stalls.iter().find(|stall| stall.lasts(Fault::PageFrozen, ms)).map(|stall| stall.to_ms);
            let passed_ms = thaw(served_ms).filter(|_| self.browser.through_page);
            self.decode_ms = passed_ms.map_or(served_ms, |ms| ms + 20.0 * small(&mut self.decode));
        }
    }

    fn beat(&mut self) {
        let page_ms = self.page_ms();
        if page_ms > self.now_ms {
            self.beat_ms = page_ms;
            return;
        }
        self.page.beat(self.now_ms);
        let usual = if self.visible { BEAT_MS } else { HIDDEN_BEAT_MS };
        self.beat_ms = self.now_ms + usual + 20.0 * small(&mut self.main);
    }

    /// Browsers count on for a page that is seen.
    fn stats(&mut self) {
        let page_ms = self.page_ms();
        if page_ms > self.now_ms {
            self.stats_ms = page_ms;
            return;
        }
        if self.visible {
            self.page.device(self.now_ms, self.underruns, self.underrun_ms);
            self.told_underruns = self.underruns;
        }
        self.stats_ms = self.now_ms + 1000.0;
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Pause => self.controller.send(Command::PAUSE).unwrap(),
            Deed::Play => self.controller.send(Command::PLAY).unwrap(),
            Deed::Seek => {
                self.epoch += 1;
                self.ended = false;
                if self.epoch.is_multiple_of(2) {
                    self.controller.send(Command::discard(self.epoch)).unwrap();
                }
                self.feeder.begin(self.epoch, 1, u64::from(self.epoch) * 100_000, Join::Now).unwrap();
            }
            Deed::EndOfFile => {
                self.ended = true;
                self.feeder.end().unwrap();
            }
            Deed::Hide | Deed::Show => {
                self.visible = matches!(deed, Deed::Show);
                self.page.page(self.now_ms, if self.visible { PageState::Visible } else { PageState::Hidden });
                self.beat_ms = self.now_ms + if self.visible { BEAT_MS } else { HIDDEN_BEAT_MS };
            }
            Deed::Suspend => {
                self.running = false;
                self.heard = Some((self.now_ms + 80.0 * small(&mut self.main), ContextState::Suspended));
            }
            Deed::Resume => {
                self.running = true;
                let begins_ms = self.now_ms + 20.0 * small(&mut self.main);
                (self.audio_ms, self.device_ms) = (begins_ms, begins_ms);
                self.heard = Some((begins_ms + 60.0 * small(&mut self.main), ContextState::Running));
            }
            Deed::Retire => {
                self.pool.controller.take_seat(9);
                self.turn_ms[9] = self.now_ms + 10.0;
                self.pool.controller.retire(0);
            }
        }
    }

    fn recording(mut self) -> (Recording, Counts) {
        let dispatched = self.pool.controller.dispatch_telemetry();
        let counts = Counts {
            starved_frames: u64::from(self.controller.telemetry().starved_frames),
            taken_jobs: u64::from(dispatched.taken_unclaimed + dispatched.taken_silent),
            device_underruns: u64::from(self.told_underruns),
            silent_ends: self.silent_ends + self.unheard.len() as u64,
        };
        let mut tracks = vec![Track { thread: Thread::Page, events: self.page.events().copied().collect() }];
        let workers = (0..16).map(|seat| (Thread::Worker(seat), Tape::Worker(seat)));
        for (thread, tape) in [(Thread::Audio, Tape::Audio), (Thread::Seats, Tape::Seats)].into_iter().chain(workers) {
            let events: Vec<_> = core::iter::from_fn(|| self.pool.controller.next_event(tape).copied()).collect();
            if !events.is_empty() {
                tracks.push(Track { thread, events });
            }
        }
        for (thread, tape) in [(Thread::Source(0), PlayerTape::Source), (Thread::Decode(0), PlayerTape::Decode)] {
            let events = core::iter::from_fn(|| self.controller.next_event(tape).copied()).collect();
            tracks.push(Track { thread, events });
        }
        (Recording { sample_rate: f64::from(RATE), tracks }, counts)
    }
}
