//! Plays the noise and records what comes in meanwhile, both at known frames of the context.

use js_sys::Float32Array;
use rusty_audio_monitor::loopback::{NoRoundTrip, Stimulus};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioBufferSourceNode, AudioContext, AudioNode, AudioScheduledSourceNode, AudioWorkletNode,
    AudioWorkletNodeOptions, Event, MediaStreamAudioSourceNode, MessageEvent,
};

use crate::assets::{processor_name, unexpected};
use crate::error::{Result, because};
use crate::pending::Pending;
use crate::script::{Listener, get, get_number, object, on_processor_error, sleep, within};

use super::microphone::Microphone;

/// From the call to the first frame: longer than a callback of any browser, so that the frame has not yet been rendered.
const LEAD_S: f64 = 0.25;

/// So much later than due the recording is given up.
const GRACE_MS: f64 = 5000.0;

/// Longest wait for the end of the noise after that of the recording.
const FADE_LIMIT_MS: i32 = 500;

/// The nodes of a measurement. Dropped, they are silent, apart, and free to be collected.
struct Wiring {
    noise: AudioBufferSourceNode,
    microphone: MediaStreamAudioSourceNode,
    capture: AudioWorkletNode,
}

impl Drop for Wiring {
    fn drop(&mut self) {
        // One that has not been started cannot be stopped, and need not be.
        let _ = AudioScheduledSourceNode::stop(&self.noise);
        let _ = self.noise.disconnect();
        let _ = self.microphone.disconnect();
        if let Ok(port) = self.capture.port() {
            let _ = port.post_message(&JsValue::NULL);
        }
    }
}

/// The samples of [`Stimulus::recorded`], or why there are not all of them.
pub async fn record(
    context: &AudioContext,
    microphone: &Microphone,
    stimulus: &Stimulus,
    destination: &AudioNode,
) -> Result<core::result::Result<Vec<f32>, NoRoundTrip>> {
    let sample_rate = f64::from(context.sample_rate());
    let broken = unexpected("The noise cannot be played and recorded");
    let noise = context.create_buffer_source().map_err(&broken)?;
    let samples: Vec<f32> = stimulus.samples().collect();
    #[expect(clippy::cast_possible_truncation, reason = "at most 2²² frames")]
    let buffer = context.create_buffer(1, samples.len() as u32, context.sample_rate()).map_err(&broken)?;
    buffer.copy_to_channel(&samples, 0).map_err(&broken)?;
    noise.set_buffer(Some(&buffer));
    // The context's clock stands still for as long as this turn of the page lasts.
    sleep(0).await;

    let start = (context.current_time() * sample_rate + LEAD_S * sample_rate).ceil();
    let recorded = stimulus.recorded();
    let first = start + recorded.start as f64;
    let options = AudioWorkletNodeOptions::new();
    options.set_channel_count(1);
    options.set_channel_count_mode(web_sys::ChannelCountMode::Explicit);
    let frames = recorded.len() as f64;
    options.set_processor_options(Some(&object(&[("first", first.into()), ("frames", frames.into())])));
    let refused =
        |reason| because(ErrorCode::MicrophoneUnavailable, "The context does not take the microphone", &reason);
    let wiring = Wiring {
        microphone: context.create_media_stream_source(microphone.stream()).map_err(refused)?,
        capture: AudioWorkletNode::new_with_options(context, &processor_name("capture"), &options).map_err(&broken)?,
        noise,
    };
    let port = wiring.capture.port().map_err(&broken)?;
    let captured = Pending::new();
    let _heard = Listener::new(&port, "message", {
        let captured = captured.clone();
        move |event: Event| captured.resolve(&event.unchecked_into::<MessageEvent>().data())
    });
    let _broken = on_processor_error(&wiring.capture, {
        let captured = captured.clone();
        move || captured.reject(&Failure::new(ErrorCode::WorkletFailed, "The recorder failed in the worklet."))
    });
    let ended = Pending::new();
    let _ended = Listener::new(&wiring.noise, "ended", {
        let ended = ended.clone();
        move |_| ended.resolve(&JsValue::TRUE)
    });
    port.start();
    wiring.microphone.connect_with_audio_node(&wiring.capture).map_err(refused)?;
    wiring.noise.connect_with_audio_node(destination).map_err(&broken)?;
    wiring.noise.start_with_when(start / sample_rate).map_err(&broken)?;

    let duration_ms = (LEAD_S + stimulus.frames() as f64 / sample_rate) * 1000.0;
    #[expect(clippy::cast_possible_truncation, reason = "some seconds")]
    let limit_ms = (duration_ms + GRACE_MS) as i32;
    let Some(captured) = within(limit_ms, JsFuture::from(captured.promise())).await else {
        let message = format!("The audio context did not render {:.1} s of noise in time.", duration_ms / 1000.0);
        return Err(Failure::new(ErrorCode::AudioNotRunning, message));
    };
    let captured = captured.map_err(unexpected("The worklet did not record"))?;
    // The fade, which is not recorded, sounds to its end.
    let _ = within(FADE_LIMIT_MS, JsFuture::from(ended.promise())).await;
    let missing = get_number(&captured, "firstFrame") - first;
    if missing > 0.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "frames of a recording")]
        let frames = recorded.len().saturating_sub(missing as usize);
        return Ok(Err(NoRoundTrip::TooShort { frames, needed: recorded.len() }));
    }
    Ok(Ok(get(&captured, "samples").unchecked_into::<Float32Array>().to_vec()))
}
