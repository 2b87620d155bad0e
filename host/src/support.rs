//! What this browser and page can do, found out by features and never by the browser's name.

use js_sys::WebAssembly;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsValue;

use crate::script::get;

/// How the threads are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One shared memory.
    Shared,
    /// No shared memory: the worklet has a memory of its own and PCM comes as messages.
    Solo,
}

impl Mode {
    /// The word in the package's types.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Solo => "solo",
        }
    }
}

/// What stands against shared mode before anything is tried; `None` if nothing does.
pub fn obstacle_to_sharing() -> Option<&'static str> {
    let global = js_sys::global();
    if get(&global, "crossOriginIsolated") != JsValue::TRUE {
        return Some(
            "The page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and \
             Cross-Origin-Embedder-Policy: require-corp to get shared mode.",
        );
    }
    if get(&global, "SharedArrayBuffer").is_undefined() {
        return Some("This browser has no SharedArrayBuffer although the page is isolated.");
    }
    None
}

/// What stands against any sound at all; empty if nothing does.
pub fn problems() -> Vec<Failure> {
    let global = js_sys::global();
    let mut problems = Vec::new();
    if get(&global, "isSecureContext") == JsValue::FALSE {
        problems.push(Failure::new(ErrorCode::InsecureContext, "The page is not a secure context."));
    }
    if get(&global, "AudioWorkletNode").is_undefined() {
        problems.push(Failure::new(ErrorCode::NoAudioWorklet, "This browser has no AudioWorkletNode."));
    }
    problems
}

/// The build of the engine module that this browser takes. Both give the same bits.
pub fn engine_file() -> &'static str {
    if has_simd() { "engine.wasm" } else { "engine-scalar.wasm" }
}

/// A module with one function that splats a number into a `v128`.
const SIMD_PROBE: &[u8] =
    &[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

fn has_simd() -> bool {
    let probe = js_sys::Uint8Array::from(SIMD_PROBE);
    WebAssembly::validate(&probe.buffer()).unwrap_or(false)
}

/// Workers of a pool unless the page says otherwise: two cores are left to the audio thread and the page; of a device with
/// little memory, which is mostly a phone, fewer are asked.
pub fn default_workers() -> u32 {
    let most = match navigator_number("deviceMemory") {
        Some(gibibytes) if gibibytes <= 2.0 => 1,
        Some(gibibytes) if gibibytes <= 4.0 => 2,
        _ => 4,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of cores")]
    let cores = navigator_number("hardwareConcurrency").map_or(1, |cores| cores as u32);
    cores.saturating_sub(2).clamp(1, most)
}

/// Whether a worker's request for bytes passes through the main thread, so that it waits while that is blocked. No feature tells
/// it, and only a blocked page could try it out. WebKit has it so, and what is neither Chromium nor Gecko counts as
/// WebKit. Which of the three an engine behaves like, this word says in every browser, by the HTML standard.
pub fn requests_need_main_thread() -> bool {
    !matches!(get(&navigator(), "vendor").as_string().as_deref(), Some("Google Inc." | ""))
}

/// Whether this is a telephone or a tablet: they save power, and are on networks that come and go.
pub fn is_handheld() -> bool {
    let is_mobile = get(&get(&navigator(), "userAgentData"), "mobile") == JsValue::TRUE;
    let has_coarse_pointer = || {
        let matched = web_sys::window().and_then(|window| window.match_media("(pointer: coarse)").ok().flatten());
        matched.is_some_and(|list| list.matches())
    };
    is_mobile || has_coarse_pointer()
}

fn navigator() -> JsValue {
    get(&js_sys::global(), "navigator")
}

fn navigator_number(name: &str) -> Option<f64> {
    get(&navigator(), name).as_f64()
}
