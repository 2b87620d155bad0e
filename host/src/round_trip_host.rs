//! What `round_trip.ts` carries its calls to.

use js_sys::{Object, Promise};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, AudioContext, AudioNode, BaseAudioContext};

use crate::assets::Assets;
use crate::error::{Result, to_js};
use crate::round_trip::{measure, remember, remembered};
use crate::script::{aborted, object, unless};

/// `measureRoundTrip()`.
#[wasm_bindgen(js_name = measureRoundTrip)]
pub fn measure_round_trip(
    context: BaseAudioContext,
    assets: Object,
    volume_is_low: bool,
    destination: Option<AudioNode>,
    signal: Option<AbortSignal>,
) -> Promise {
    future_to_promise(async move {
        let measured = async {
            let context = live(context)?;
            let destination = destination.unwrap_or_else(|| context.destination().into());
            let round_trip = measure(context.clone(), Assets::new(assets), volume_is_low, destination).await?;
            remember(&context, &round_trip);
            Ok(round_trip)
        };
        match unless(aborted(signal), measured).await {
            Ok(Ok(round_trip)) => Ok(object(&[
                ("milliseconds", round_trip.milliseconds.into()),
                ("frames", (round_trip.frames as f64).into()),
                ("qualityDecibels", round_trip.quality_db.into()),
                ("microphone", round_trip.microphone.as_str().into()),
            ])
            .into()),
            Ok(Err(failure)) | Err(failure) => Err(to_js(&failure)),
        }
    })
}

/// `rememberedRoundTrip()`: null if there is none.
#[wasm_bindgen(js_name = rememberedRoundTrip)]
pub fn remembered_round_trip(context: BaseAudioContext) -> core::result::Result<JsValue, JsValue> {
    let context = live(context).map_err(|failure| to_js(&failure))?;
    Ok(remembered(&context).map_or(JsValue::NULL, |remembered| {
        object(&[
            ("milliseconds", remembered.milliseconds.into()),
            ("at", remembered.at.into()),
            ("microphone", remembered.microphone.as_str().into()),
        ])
        .into()
    }))
}

fn live(context: BaseAudioContext) -> Result<AudioContext> {
    context.dyn_into().map_err(|_: BaseAudioContext| {
        Failure::new(ErrorCode::InvalidArgument, "Only an AudioContext has a round trip: an offline one has no output.")
    })
}
