//! What the browser tells of an audio context.

use rusty_audio_engine::events::ContextState;
use rusty_audio_monitor::DeviceReading;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, AudioContextState};

use crate::script::{get, get_text};

/// Underruns of the device, `None` where the browser does not count them. Chromium calls it `playbackStats` since 146 and counts there in seconds; before that it
/// had other names, and milliseconds.
pub(super) fn device(context: &AudioContext) -> Option<DeviceReading> {
    let stats = get(context, "playbackStats");
    let number = |stats: &JsValue, name: &str| if stats.is_object() { get(stats, name).as_f64() } else { None };
    if let (Some(events), Some(lost_s)) = (number(&stats, "underrunEvents"), number(&stats, "underrunDuration")) {
        let total_ms = number(&stats, "totalDuration").map(|total_s| total_s * 1000.0);
        return Some(DeviceReading { events, duration_ms: lost_s * 1000.0, total_ms });
    }
    [stats, get(context, "playoutStats")].iter().find_map(|stats| {
        let events = number(stats, "fallbackFramesEvents")?;
        let duration_ms = number(stats, "fallbackFramesDuration")?;
        Some(DeviceReading { events, duration_ms, total_ms: number(stats, "totalFramesDuration") })
    })
}

/// The context's state. `'interrupted'` is younger than the bindings.
pub(super) fn context_state(context: &AudioContext) -> ContextState {
    match context.state() {
        AudioContextState::Running => ContextState::Running,
        AudioContextState::Closed => ContextState::Closed,
        AudioContextState::Suspended => ContextState::Suspended,
        _ => ContextState::Interrupted,
    }
}

/// `baseLatency` in ms.
pub(super) fn base_latency_ms(context: &AudioContext) -> Option<f64> {
    latency_ms(context, "baseLatency")
}

/// `outputLatency` in ms: 0 or missing where the browser does not know.
///
/// Firefox on Linux is not asked: there the main thread asks the sound server with the audio graph locked, the server waits for what
/// the graph renders, and the graph for the lock, so that the page can stand still for good.
pub(super) fn output_latency_ms(context: &AudioContext) -> Option<f64> {
    let agent = get_text(&get(&js_sys::global(), "navigator"), "userAgent");
    let may_stand = agent.contains("Firefox/") && agent.contains("Linux") && !agent.contains("Android");
    if may_stand { None } else { latency_ms(context, "outputLatency") }
}

fn latency_ms(context: &AudioContext, name: &str) -> Option<f64> {
    get(context, name).as_f64().map(|seconds| seconds * 1000.0)
}

/// Bytes of JavaScript's heap, in Chromium.
pub(super) fn heap_bytes() -> Option<f64> {
    let memory = get(&get(&js_sys::global(), "performance"), "memory");
    if memory.is_object() { get(&memory, "usedJSHeapSize").as_f64() } else { None }
}

/// How long a picture takes on the main thread and on the GPU, in ms, of that `<spectrum-view>` of the page that takes longest.
pub(super) fn picture_ms() -> [Option<f64>; 2] {
    let document = web_sys::window().and_then(|window| window.document());
    let views = document.and_then(|document| document.query_selector_all("spectrum-view").ok());
    let statistics: Vec<JsValue> = views
        .into_iter()
        .flat_map(|views| (0..views.length()).filter_map(move |place| views.item(place)))
        .map(|view| get(&view, "statistics"))
        .collect();
    ["cpuMilliseconds", "gpuMilliseconds"].map(|name| {
        let times = statistics.iter().filter(|statistics| statistics.is_object());
        times.filter_map(|statistics| get(statistics, name).as_f64()).filter(|ms| ms.is_finite()).reduce(f64::max)
    })
}

/// Whether the page is seen.
pub(super) fn is_hidden() -> bool {
    get(&get(&js_sys::global(), "document"), "hidden") == JsValue::TRUE
}
