//! The measured round trip: noise through the output, and how late the microphone hears it.

mod memory;
mod microphone;
mod recording;

pub use memory::{remember, remembered};

use rusty_audio_monitor::loopback::{NoRoundTrip, PARTS, Stimulus, clearer, first_arrival, witnesses};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState, AudioNode};

use crate::assets::{Assets, unexpected};
use crate::error::Result;
use crate::script::{get_text, sleep, within};
use crate::support::problems;

use microphone::Microphone;
use recording::record;

/// Longest wait for the context to run.
const RESUME_LIMIT_MS: i32 = 5000;

/// What was measured.
pub struct RoundTrip {
    /// From a frame's being rendered to its coming in again.
    pub frames: usize,
    /// The same.
    pub milliseconds: f64,
    /// How clearly it was heard: the peak over the noise.
    pub quality_db: f64,
    /// The microphone's name, or its id where it has none.
    pub microphone: String,
    /// The microphone's id.
    pub microphone_id: String,
}

/// Plays the noise into `destination` and measures. When the future is dropped, the sound ends and the microphone is let go of.
pub async fn measure(
    context: AudioContext,
    assets: Assets,
    volume_is_low: bool,
    destination: AudioNode,
) -> Result<RoundTrip> {
    if !volume_is_low {
        return Err(Failure::new(
            ErrorCode::VolumeUnconfirmed,
            "Measuring the round trip plays noise, and volumeIsLow is not true.",
        ));
    }
    if let Some(problem) = problems().into_iter().next() {
        return Err(problem);
    }
    let sample_rate = f64::from(context.sample_rate());
    let stimulus = Stimulus::new(sample_rate).ok_or_else(|| {
        let message = format!("At {sample_rate} Hz no round trip can be measured, at 768000 Hz and below it can.");
        Failure::new(ErrorCode::InvalidArgument, message)
    })?;
    run(&context).await?;
    assets.worklet(&context, "capture.js").await?;
    let microphone = Microphone::open().await?;
    let samples = record(&context, &microphone, &stimulus, &destination).await?;
    let refused = |reason: NoRoundTrip| Failure::new(ErrorCode::NoRoundTrip, reason.to_string());
    let samples = samples.map_err(refused)?;
    // A millisecond each, so the page has its turn in between.
    let sequence = stimulus.sequence();
    let mut parts = Vec::new();
    for period in sequence.periods(&samples).map_err(refused)? {
        for part in 0..PARTS {
            sleep(0).await;
            parts.push(sequence.correlate(period, part));
        }
    }
    let mut said = Err(NoRoundTrip::NoArrival { quality_db: 0.0 });
    for response in witnesses(&parts) {
        sleep(0).await;
        said = clearer(said, first_arrival(&response, sample_rate));
    }
    let arrival = said.map_err(refused)?;
    Ok(RoundTrip {
        frames: arrival.delay_frames,
        milliseconds: arrival.delay_frames as f64 / sample_rate * 1000.0,
        quality_db: arrival.quality_db,
        microphone: microphone.name(),
        microphone_id: microphone.id(),
    })
}

/// Waits until the context runs.
async fn run(context: &AudioContext) -> Result<()> {
    if context.state() == AudioContextState::Running {
        return Ok(());
    }
    let resumed = context.resume().map_err(unexpected("The audio context cannot run"))?;
    match within(RESUME_LIMIT_MS, JsFuture::from(resumed)).await {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) | None => {
            let message = format!("The audio context is still {} after 5 s.", get_text(context, "state"));
            Err(Failure::new(ErrorCode::AudioNotRunning, message))
        }
    }
}
