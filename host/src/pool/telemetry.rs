//! What the page sees of the workers.

use js_sys::Object;
use rusty_audio_engine::job::Kind;
use rusty_audio_engine::protocol::DispatchTelemetry;
use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::script::{object, set};

use super::member::{Member, Place};
use super::surface::Surface;

/// Every so manieth execution time is counted when telemetry is sampled.
const SAMPLING_PERIOD: u32 = 16;

/// The kinds of jobs, with the word that the page sees.
const KINDS: [(Kind, &str); Kind::COUNT] = [
    (Kind::Fft, "fft"),
    (Kind::AudioBlock, "audioBlock"),
    (Kind::ConvolverTail, "convolverTail"),
    (Kind::Test, "test"),
    (Kind::ResponseSpectra, "responseSpectra"),
    (Kind::SpectralBlock, "spectralBlock"),
    (Kind::Spectrum, "spectrum"),
];

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Telemetry {
    /// The execution time of every job.
    #[default]
    Full,
    /// That of a sixteenth of them.
    Sampled,
    /// None.
    Off,
}

impl Telemetry {
    /// The execution time of every so manieth job is counted; 0 for none.
    pub fn period(self) -> u32 {
        match self {
            Self::Full => 1,
            Self::Sampled => SAMPLING_PERIOD,
            Self::Off => 0,
        }
    }
}

/// The `WorkerTelemetry` of the package's types.
pub fn of_member(member: &Member, surface: &Surface) -> Object {
    let (state, share, jobs, keeps_time) = match &member.place {
        Place::Vacant { .. } => ("missing", 0.0, 0, false),
        Place::Starting { .. } => ("starting", 0.0, 0, false),
        Place::Working(working) => {
            let telemetry = surface.seat_telemetry(working.seat);
            let jobs = telemetry.jobs.wrapping_sub(working.jobs_before);
            ("working", working.busy_share, jobs, telemetry.keeps_time != 0)
        }
    };
    let times = Object::new();
    if let Some(seat) = member.seat() {
        for (kind, name) in KINDS {
            let count = surface.execution_count(seat, kind);
            if count > 0 {
                let quantile = |per_mille| surface.execution_quantile_ms(seat, kind, per_mille).into();
                let entry = object(&[
                    ("count", count.into()),
                    ("p50", quantile(500)),
                    ("p95", quantile(950)),
                    ("p99", quantile(990)),
                    ("max", quantile(1000)),
                ]);
                set(&times, name, &entry);
            }
        }
    }
    object(&[
        ("state", state.into()),
        ("busyShare", share.into()),
        ("jobs", jobs.into()),
        ("claimedJobs", member.seat().map_or(0, |seat| surface.claimed_by(seat)).into()),
        ("keepsTime", keeps_time.into()),
        ("restarts", member.restarts.into()),
        ("lastExitReason", member.last_exit.as_deref().map_or(JsValue::NULL, JsValue::from)),
        ("replacementMilliseconds", member.replacement_ms.map_or(JsValue::NULL, JsValue::from)),
        ("executionMilliseconds", times.into()),
    ])
}

/// The `DispatchTelemetry` of the package's types.
pub fn dispatch_telemetry(telemetry: &DispatchTelemetry) -> JsValue {
    object(&[
        ("byWorkers", telemetry.by_workers.into()),
        ("own", telemetry.own.into()),
        ("takenUnclaimed", telemetry.taken_unclaimed.into()),
        ("takenSilent", telemetry.taken_silent.into()),
        ("refused", telemetry.refused.into()),
    ])
    .into()
}
