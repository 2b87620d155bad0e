//! The microphone, as it is: without what browsers do for calls.

use js_sys::Promise;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MediaStream, MediaStreamConstraints, MediaStreamTrack};

use crate::error::{Result, because};
use crate::script::{get, get_text, object};

/// An open microphone. Dropped, it is let go of.
pub struct Microphone {
    stream: MediaStream,
}

impl Microphone {
    /// Asks for the microphone that the browser, or the person, takes for the default. Dropping the future takes the request
    /// back: what is granted later is let go of at once.
    pub async fn open() -> Result<Self> {
        let devices = web_sys::window().map(|window| window.navigator().media_devices());
        let unavailable = |what: &str| Failure::new(ErrorCode::MicrophoneUnavailable, what);
        let devices = match devices {
            Some(Ok(devices)) if !devices.is_undefined() => devices,
            _ => return Err(unavailable("This browser lets no page use a microphone.")),
        };
        let constraints = MediaStreamConstraints::new();
        let plain = ["echoCancellation", "noiseSuppression", "autoGainControl"].map(|name| (name, false.into()));
        constraints.set_audio(&object(&plain));
        let refused = |reason| because(ErrorCode::MicrophoneUnavailable, "The microphone was not given", &reason);
        let mut request = Request(Some(devices.get_user_media_with_constraints(&constraints).map_err(refused)?));
        let Some(promise) = request.0.clone() else { return Err(unavailable("Nothing was asked for.")) };
        let granted = JsFuture::from(promise).await;
        request.0 = None;
        Ok(Self { stream: granted.map_err(refused)?.unchecked_into() })
    }

    /// What it gives.
    pub fn stream(&self) -> &MediaStream {
        &self.stream
    }

    /// Its name, or its id where it has none.
    pub fn name(&self) -> String {
        self.track().map(|track| track.label()).filter(|label| !label.is_empty()).unwrap_or_else(|| self.id())
    }

    /// Its id: the same each time on the same origin, unless the person has the browser forget.
    pub fn id(&self) -> String {
        let id = self.track().map(|track| get_text(&track.get_settings(), "deviceId"));
        id.filter(|id| !id.is_empty()).unwrap_or_else(|| String::from("default"))
    }

    fn track(&self) -> Option<MediaStreamTrack> {
        get(&self.stream.get_audio_tracks(), "0").dyn_into().ok()
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        for track in self.stream.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

/// A request that is under way, if it is.
struct Request(Option<Promise>);

impl Drop for Request {
    fn drop(&mut self) {
        let Some(promise) = self.0.take() else { return };
        spawn_local(async move {
            if let Ok(stream) = JsFuture::from(promise).await {
                drop(Microphone { stream: stream.unchecked_into() });
            }
        });
    }
}
