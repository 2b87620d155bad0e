//! All meters together, and the figures that they come to.

use std::collections::BTreeMap;
use std::rc::Rc;

use rusty_audio_engine::events::{ContextState, Event, Occurrence};
use rusty_audio_engine::protocol::{State as SourceState, Telemetry};
use rusty_audio_monitor::{
    ClockDrift, Device, DeviceReading, Figures, Gap, GapMeter, JobLatency, Latency, Load, MainThread, Since, Stamp,
    States,
};
use rusty_audio_recorder::Thread;
use web_sys::AudioContext;

use crate::engine::Engine;

use super::browser;

/// The fill of a player's ring, in frames.
#[derive(Clone, Copy)]
struct Ring {
    now: u32,
    low: u32,
    high: u32,
    target: u32,
    capacity: u32,
    /// Whether it should sound.
    plays: bool,
}

/// What counts on, of one player.
#[derive(Default)]
struct Counts {
    starved_frames: Since,
    starvations: Since,
}

pub(super) struct Meters {
    sample_rate: f64,
    gaps: GapMeter,
    drift: ClockDrift,
    main_thread: MainThread,
    latency: Latency,
    pub(super) jobs: JobLatency,
    load: Load,
    device: Device,
    pub(super) states: States,
    rings: BTreeMap<u32, Ring>,
    counts: BTreeMap<u32, Counts>,
    numeric: BTreeMap<usize, [Since; 3]>,
    jobs_late: Since,
    jobs_refused: Since,
    faults: Since,
    restarts: Since,
    /// As it was measured last on this output.
    pub(super) round_trip_ms: Option<f64>,
}

impl Meters {
    /// Nothing is known yet.
    pub(super) fn new(sample_rate: f64) -> Self {
        Self {
            sample_rate,
            gaps: GapMeter::new(sample_rate),
            drift: ClockDrift::new(),
            main_thread: MainThread::new(),
            latency: Latency::new(),
            jobs: JobLatency::new(),
            load: Load::default(),
            device: Device::new(),
            states: States::new(),
            rings: BTreeMap::new(),
            counts: BTreeMap::new(),
            numeric: BTreeMap::new(),
            jobs_late: Since::new(),
            jobs_refused: Since::new(),
            faults: Since::new(),
            restarts: Since::new(),
            round_trip_ms: None,
        }
    }

    /// The context is in another state.
    pub(super) fn context(&mut self, now_ms: f64, state: ContextState) {
        self.states.change(state, now_ms);
        self.interrupt();
    }

    /// Time stood still, or nobody looked.
    pub(super) fn interrupt(&mut self) {
        self.gaps.interrupt();
        self.main_thread.pause();
    }

    /// What the meter in the worklet has noted down.
    pub(super) fn stamps(&mut self, dropped: bool, stamps: &[Stamp]) {
        if dropped {
            self.gaps.dropped();
        }
        stamps.iter().for_each(|&stamp| self.gaps.stamp(stamp));
    }

    /// Gaps that are over since the last call.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        self.gaps.take_gaps()
    }

    /// An event of the flight recorder.
    pub(super) fn event(&mut self, thread: Thread, event: &Event) {
        match (thread, event.occurrence()) {
            (Thread::Audio, Some(Occurrence::Quanta { inside_us, fresh: true, .. })) => {
                self.load(event.clock_ms, f64::from(inside_us) / 1000.0);
            }
            (Thread::Worker(seat), Some(occurrence)) => self.jobs.event(seat, &occurrence),
            _ => {}
        }
    }

    /// The processors have taken so much of the audio thread's time since the last call.
    pub(super) fn load(&mut self, clock_ms: f64, inside_ms: f64) {
        self.load.pulse(clock_ms, inside_ms);
    }

    /// An animation frame has begun.
    pub(super) fn frame(&mut self, now_ms: f64) {
        self.main_thread.frame(now_ms);
    }

    /// The main thread was busy in one piece.
    pub(super) fn task(&mut self, start_ms: f64, duration_ms: f64) {
        self.main_thread.task(start_ms, duration_ms);
    }

    /// Nobody looks at the frames.
    pub(super) fn rest(&mut self) {
        self.main_thread.pause();
    }

    /// What the browser counts.
    pub(super) fn device(&mut self, reading: DeviceReading) {
        self.device.read(reading);
    }

    /// Looks at context and engine, ten times a second.
    pub(super) fn look(&mut self, context: &AudioContext, engine: Option<&Engine>, now_ms: f64) {
        let running = self.states.state() == Some(ContextState::Running) && !browser::is_hidden();
        self.drift.sample(now_ms, context.current_time(), running);
        let base_ms = browser::base_latency_ms(context);
        let output_ms = browser::output_latency_ms(context);
        let engine_frames = engine.map_or(0.0, Engine::latest_frames);
        self.latency.read(engine_frames * 1000.0 / self.sample_rate, base_ms, output_ms);
        if let Some(engine) = engine {
            self.look_at_sources(engine);
            self.look_at_engine(engine);
        }
    }

    fn look_at_sources(&mut self, engine: &Engine) {
        let players = engine.living_players();
        self.rings.retain(|number, _| players.iter().any(|player| player.number == *number));
        for player in players {
            let telemetry = player.telemetry();
            let counted = player.counted(&telemetry);
            let counts = self.counts.entry(player.number).or_default();
            counts.starved_frames.read(f64::from(counted.starved_frames));
            counts.starvations.read(f64::from(counted.starvation_events));
            if telemetry.capacity_frames > 0 {
                self.look_at_ring(player.number, &telemetry);
            }
            self.look_at_numbers(Rc::as_ptr(&player).addr(), &telemetry);
        }
        for node in engine.living_nodes() {
            self.look_at_numbers(Rc::as_ptr(&node).addr(), &node.telemetry());
        }
    }

    fn look_at_ring(&mut self, player: u32, telemetry: &Telemetry) {
        let Telemetry { buffered_frames: now, target_frames: target, capacity_frames: capacity, state, .. } =
            *telemetry;
        let plays = state == SourceState::Playing as u32 || state == SourceState::Starved as u32;
        let ring = self.rings.entry(player).or_insert(Ring { now, low: u32::MAX, high: 0, target, capacity, plays });
        (ring.now, ring.target, ring.capacity, ring.plays) = (now, target, capacity, plays);
        if plays {
            ring.low = ring.low.min(now);
        }
        ring.high = ring.high.max(now);
    }

    fn look_at_numbers(&mut self, whose: usize, telemetry: &Telemetry) {
        let [not_finite, denormal, clipped] = self.numeric.entry(whose).or_default();
        not_finite.read(f64::from(telemetry.not_finite_samples));
        denormal.read(f64::from(telemetry.denormal_samples));
        clipped.read(f64::from(telemetry.clipped_samples));
    }

    fn look_at_engine(&mut self, engine: &Engine) {
        self.faults.read(engine.history.borrow().count() as f64);
        if let Some(pool) = engine.core().pool() {
            let jobs = pool.surface().dispatch_telemetry();
            self.jobs_late.read(f64::from(jobs.taken_unclaimed) + f64::from(jobs.taken_silent));
            self.jobs_refused.read(f64::from(jobs.refused));
            self.restarts.read(f64::from(pool.deaths()));
        }
    }

    fn counted(&self, counter: impl Fn(&Counts) -> &Since) -> Option<f64> {
        self.counts.values().filter_map(|counts| counter(counts).since()).reduce(|sum, one| sum + one)
    }

    /// A number that grows when something goes wrong.
    pub(super) fn trouble(&self) -> f64 {
        let all = [
            self.counted(|counts| &counts.starved_frames),
            self.jobs_late.since(),
            self.jobs_refused.since(),
            self.device.underruns(),
            self.gaps.gaps().map(|gaps| gaps as f64),
        ];
        all.into_iter().flatten().sum()
    }

    /// The figures now; `page_ms` is the page's clock.
    pub(super) fn figures(&self, context: &AudioContext, engine: Option<&Engine>, page_ms: f64) -> Figures {
        let known = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
        let count = |figure: Option<u64>| figure.map_or(f64::NAN, |count| count as f64);
        let ms = |frames: u32| f64::from(frames) * 1000.0 / self.sample_rate;
        let ring = self.rings.values().min_by_key(|ring| (!ring.plays, ring.now));
        let numeric =
            |which: usize| self.numeric.values().filter_map(|counts| counts[which].since()).reduce(|a, b| a + b);
        let pool = engine.and_then(|engine| engine.core().pool());
        let shared = pool.is_some();
        let of_jobs = |figure: Option<f64>| if shared { known(figure) } else { f64::NAN };
        let crew = pool.map(|pool| pool.crew());
        let memory = engine.map(Engine::memory_use);
        let [picture_cpu_ms, picture_gpu_ms] = browser::picture_ms().map(known);
        Figures {
            device_lost_ms: known(self.device.lost_ms()),
            device_lost_share: known(self.device.lost_share()),
            device_underruns: known(self.device.underruns()),
            gaps: count(self.gaps.gaps()),
            last_gap_ms: known(self.gaps.last_gap_ms()),
            worst_gap_ms: known(self.gaps.worst_gap_ms()),
            callback_ms: known(self.gaps.callback_ms()),
            gap_threshold_ms: known(self.gaps.gap_threshold_ms()),
            starved_frames: known(self.counted(|counts| &counts.starved_frames)),
            starvations: known(self.counted(|counts| &counts.starvations)),
            ring_ms: ring.map_or(f64::NAN, |ring| ms(ring.now)),
            ring_low_ms: ring.filter(|ring| ring.low < u32::MAX).map_or(f64::NAN, |ring| ms(ring.low)),
            ring_high_ms: ring.map_or(f64::NAN, |ring| ms(ring.high)),
            ring_target_ms: ring.map_or(f64::NAN, |ring| ms(ring.target)),
            ring_capacity_ms: ring.map_or(f64::NAN, |ring| ms(ring.capacity)),
            job_p50_ms: of_jobs(self.jobs.p50_ms()),
            job_p95_ms: of_jobs(self.jobs.p95_ms()),
            job_p99_ms: of_jobs(self.jobs.p99_ms()),
            job_max_ms: of_jobs(self.jobs.max_ms()),
            jobs_late: of_jobs(self.jobs_late.since()),
            jobs_refused: of_jobs(self.jobs_refused.since()),
            load: known(self.load.average()),
            load_peak: known(self.load.peak()),
            workers_working: crew.map_or(f64::NAN, |crew| f64::from(crew.working)),
            worker_restarts: of_jobs(self.restarts.since()),
            busiest_worker: crew.map_or(f64::NAN, |crew| crew.busiest_share),
            longest_task_ms: known(self.main_thread.longest_task_ms(page_ms)),
            frame_p95_ms: known(self.main_thread.frame_p95_ms()),
            dropped_frames: count(self.main_thread.dropped_frames()),
            latency_ms: known(self.latency.total_ms()),
            engine_latency_ms: engine.map_or(f64::NAN, |engine| engine.latest_frames() * 1000.0 / self.sample_rate),
            base_latency_ms: known(browser::base_latency_ms(context)),
            output_latency_ms: known(self.latency.output_ms()),
            latency_low_ms: known(self.latency.low_ms()),
            latency_high_ms: known(self.latency.high_ms()),
            round_trip_ms: known(self.round_trip_ms),
            drift_ppm: known(self.drift.ppm()),
            clock_steps: count(self.drift.steps()),
            last_clock_step_ms: known(self.drift.last_step_ms()),
            memory_used_bytes: memory.map_or(f64::NAN, |(used, _)| used),
            memory_total_bytes: memory.map_or(f64::NAN, |(_, total)| total),
            heap_bytes: known(browser::heap_bytes()),
            picture_cpu_ms,
            picture_gpu_ms,
            not_finite_samples: known(numeric(0)),
            denormal_samples: known(numeric(1)),
            clipped_samples: known(numeric(2)),
            faults: engine.map_or(f64::NAN, |_| known(self.faults.since())),
            worst_recovery_ms: known(engine.and_then(|engine| engine.history.borrow().worst_recovery_ms())),
        }
    }

    /// Counts from now on; what is learnt stays.
    pub(super) fn reset(&mut self, now_ms: f64) {
        self.gaps.reset();
        self.drift.reset();
        self.main_thread.reset();
        self.latency.reset();
        self.jobs.reset();
        self.load.reset();
        self.device.reset();
        self.states.reset(now_ms);
        self.rings.clear();
        let counts = self.counts.values_mut().flat_map(|counts| [&mut counts.starved_frames, &mut counts.starvations]);
        let numeric = self.numeric.values_mut().flatten();
        let engine = [&mut self.jobs_late, &mut self.jobs_refused, &mut self.faults, &mut self.restarts];
        counts.chain(numeric).chain(engine).for_each(Since::reset);
    }
}
