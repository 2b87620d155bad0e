//! What a monitor tells a page that is no number.

use js_sys::{Array, Object};
use rusty_audio_engine::events::ContextState;
use rusty_audio_monitor::{Account, FIGURES, verdict};
use rusty_audio_recorder::{Cause, Kind, Underrun};
use wasm_bindgen::JsValue;

use crate::script::{get, get_number, object, set};

use super::Monitor;

/// Events of the flight recorder that a report has.
const REPORTED_EVENTS: usize = 200;

/// The `MonitorState` of the package's types.
pub(super) fn state(monitor: &Monitor) -> Object {
    let (sentence, level) = sum_up(monitor);
    let meters = monitor.meters.borrow();
    let classes = meters
        .jobs
        .classes()
        .map(|class| object(&[("fromMilliseconds", class.from_ms.into()), ("count", (class.count as f64).into())]));
    let states = meters
        .states
        .changes()
        .map(|change| object(&[("state", state_name(change.state).into()), ("at", change.at_ms.into())]));
    let engine = monitor.engine();
    let pool = engine.as_ref().and_then(|engine| engine.core().pool());
    object(&[
        ("verdict", sentence.into()),
        ("level", level.into()),
        ("since", monitor.since_ms.get().into()),
        ("format", format(monitor).into()),
        ("states", states.collect::<Array>().into()),
        ("workers", pool.map_or_else(Array::new, |pool| pool.telemetry()).into()),
        ("underruns", monitor.troubles.borrow().all().iter().map(told).collect::<Array>().into()),
        ("jobLatencies", classes.collect::<Array>().into()),
        ("faults", engine.map_or_else(Array::new, |engine| engine.history.borrow().report()).into()),
    ])
}

/// The `MonitorReport` of the package's types.
pub(super) fn report(monitor: &Monitor) -> Object {
    let values = monitor.figures();
    let figures = Object::new();
    for figure in FIGURES {
        let value = figure.of(&values);
        set(&figures, &figure.name(), &if value.is_nan() { JsValue::NULL } else { value.into() });
    }
    let report = state(monitor);
    set(&report, "figures", &figures);
    set(&report, "version", &env!("CARGO_PKG_VERSION").into());
    set(&report, "now", &monitor.clock_ms().into());
    let deafness = monitor.deafness.borrow().as_deref().map_or(JsValue::NULL, JsValue::from);
    set(&report, "whyNoGaps", &deafness);
    let events = monitor.recording().newest(REPORTED_EVENTS, monitor.clock_ms());
    set(&report, "events", &events.into_iter().map(JsValue::from).collect::<Array>());
    report
}

/// The verdict, and how good it is.
fn sum_up(monitor: &Monitor) -> (String, &'static str) {
    let now_ms = monitor.clock_ms();
    let figures = monitor.figures();
    let troubles = monitor.troubles.borrow();
    let known = |figure: f64| (!figure.is_nan()).then_some(figure);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = |figure: f64| known(figure).map(|count| count as u64);
    let verdict = verdict(&Account {
        heard_ms: monitor.meters.borrow().states.running_ms(now_ms),
        starvations: count(figures.starvations),
        device_underruns: count(figures.device_underruns),
        gaps: count(figures.gaps),
        newest_starvation: troubles.newest(now_ms, |kind| matches!(kind, Kind::Starvation { .. })),
        newest_device: troubles.newest(now_ms, |kind| kind == Kind::Device),
        newest_gap: troubles.newest(now_ms, |kind| kind == Kind::Gap),
        longest_task_ms: known(figures.longest_task_ms),
        ring_ms: known(figures.ring_ms),
        ring_target_ms: known(figures.ring_target_ms),
    });
    (verdict.sentence, verdict.level.name())
}

fn told(underrun: &Underrun) -> Object {
    let kind = match underrun.kind {
        Kind::Starvation { .. } => "starvation",
        Kind::Jobs => "jobs",
        Kind::Device => "device",
        Kind::Gap => "gap",
    };
    let cause = underrun.cause.map(|cause| match cause {
        Cause::WorkerLate => "workerLate",
        Cause::WorkerDead => "workerDead",
        Cause::DecodeLate => "decodeLate",
        Cause::AudioOverloaded => "audioThreadOverloaded",
        Cause::DeviceStalled => "deviceStalled",
        Cause::PageFrozen => "pageFrozen",
    });
    object(&[
        ("kind", kind.into()),
        ("cause", cause.map_or(JsValue::NULL, JsValue::from)),
        ("at", underrun.span.from_ms.into()),
        ("milliseconds", underrun.span.milliseconds().into()),
        ("amount", (underrun.amount as f64).into()),
    ])
}

fn state_name(state: ContextState) -> &'static str {
    match state {
        ContextState::Suspended => "suspended",
        ContextState::Running => "running",
        ContextState::Interrupted => "interrupted",
        ContextState::Closed => "closed",
    }
}

/// What context and engine run with, in one line.
fn format(monitor: &Monitor) -> String {
    let context = &monitor.context;
    let quantum =
        get(context, "renderQuantumSize").as_f64().map(|frames| format!(", quantum {frames}")).unwrap_or_default();
    let isolated = get(&js_sys::global(), "crossOriginIsolated") == JsValue::TRUE;
    let isolation = if isolated { "isolated" } else { "not isolated" };
    let channels = get_number(&get(context, "destination"), "channelCount");
    let of_engine = monitor.engine().map(|engine| {
        let core = engine.core();
        let workers = core
            .pool()
            .map_or_else(String::new, |pool| format!(", {} of {} workers", pool.crew().working, engine.workers.get()));
        format!(", {} mode{workers}", core.mode.as_str())
    });
    let rate = context.sample_rate();
    format!(
        "{rate} Hz{quantum}, {channels} channels, {isolation}{}",
        of_engine.unwrap_or_else(|| String::from(", no engine of ours"))
    )
}
