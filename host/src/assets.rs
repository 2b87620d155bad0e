//! Loading the engine's files, and saying why one did not load.

use std::collections::BTreeMap;

use js_sys::{Object, Promise, WeakMap, WebAssembly};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{BaseAudioContext, Response, Worker};

use crate::error::{Result, because, text};
use crate::script::{get, sleep};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn to_text(value: &JsValue) -> String;

    /// `new Worker()` of an address that is a text or a `TrustedScriptURL`, which `web_sys` does not know.
    #[wasm_bindgen(extends = Worker, js_name = Worker)]
    type ScriptWorker;
    #[wasm_bindgen(constructor, catch, js_class = "Worker")]
    fn new(address: &JsValue) -> core::result::Result<ScriptWorker, JsValue>;
}

/// How long is waited before a module is asked for again.
const RETRY_DELAYS_MS: [i32; 2] = [250, 1_000];

/// What the build puts into the names of the worklet's classes, here as there.
const SHELLS: &str = match option_env!("RUSTY_AUDIO_SHELLS") {
    Some(checksum) => checksum,
    None => "SHELLS",
};

/// The name of a class that the worklet's scripts register: that of these scripts and of no other version's, as the context may have
/// both.
pub fn processor_name(kind: &str) -> String {
    format!("rusty-audio-{kind}-{SHELLS}")
}

/// Where the package's files are.
#[derive(Clone)]
pub struct Assets {
    urls: Object,
}

impl Assets {
    /// `urls` are absolute addresses by the names of the files; those of workers may be `TrustedScriptURL`s.
    pub fn new(urls: Object) -> Self {
        Self { urls }
    }

    /// The address of a file.
    pub fn url(&self, name: &str) -> String {
        to_text(&get(&self.urls, name))
    }

    /// The addresses of the codec modules, by their names.
    pub fn codec_urls(&self) -> BTreeMap<String, String> {
        let names = Object::keys(&self.urls).into_iter().filter_map(|name| name.as_string());
        names.filter(|name| name.starts_with("codec-")).map(|name| (name.clone(), self.url(&name))).collect()
    }

    /// Starts a worker.
    pub fn worker(&self, name: &str) -> Result<Worker> {
        ScriptWorker::new(&get(&self.urls, name)).map(Worker::from).map_err(|reason| {
            let said = text(&reason);
            let untrusted = ["Trusted", "trusted-types", "Sink type"].iter().any(|word| said.contains(word));
            let code = if untrusted { ErrorCode::TrustedTypesBlocked } else { ErrorCode::WorkerFailed };
            because(code, &format!("{name} was refused"), &reason)
        })
    }

    /// Loads and compiles a module. When the server or the way there fails, it is asked twice more.
    pub async fn module(&self, name: &str) -> Result<WebAssembly::Module> {
        let mut delays_ms = RETRY_DELAYS_MS.into_iter();
        let bytes = loop {
            match (self.bytes(name).await, delays_ms.next()) {
                (Err(failure), Some(delay_ms)) if failure.code == ErrorCode::AssetFailed => sleep(delay_ms).await,
                (outcome, _) => break outcome?,
            }
        };
        let module = JsFuture::from(WebAssembly::compile(&bytes)).await;
        module.map(JsCast::unchecked_into).map_err(|reason| {
            let blocked = text(&reason).contains("unsafe-eval") || text(&reason).contains("Content Security Policy");
            let code = if blocked { ErrorCode::WebAssemblyBlocked } else { ErrorCode::AssetFailed };
            because(code, &format!("{name} did not compile"), &reason)
        })
    }

    async fn bytes(&self, name: &str) -> Result<JsValue> {
        let response = self.fetch(name, "application/wasm").await?;
        let bytes = response.array_buffer().map(JsFuture::from);
        let bytes = match bytes {
            Ok(bytes) => bytes.await,
            Err(reason) => Err(reason),
        };
        bytes.map_err(|reason| because(ErrorCode::AssetFailed, &format!("{name} broke off"), &reason))
    }

    /// Adds a worklet script to the context. `addModule` itself says too little when it fails, so the file is looked
    /// at again to find out why.
    pub async fn worklet(&self, context: &BaseAudioContext, name: &str) -> Result<()> {
        match JsFuture::from(add_module(context, self.url(name))).await {
            Ok(_) => Ok(()),
            Err(reason) => {
                self.fetch(name, "text/javascript").await?;
                Err(because(ErrorCode::WorkletFailed, &format!("{name} did not load as a worklet"), &reason))
            }
        }
    }

    /// Why a worker's script did not start: the file's own fault if it has one.
    pub async fn worker_failure(&self, name: &str, what: &str) -> Failure {
        match self.fetch(name, "text/javascript").await {
            Err(failure) => failure,
            Ok(_) => Failure::new(ErrorCode::WorkerFailed, format!("{name} did not start: {what}.")),
        }
    }

    async fn fetch(&self, name: &str, mime_type: &str) -> Result<Response> {
        let url = self.url(name);
        let Some(window) = web_sys::window() else {
            return Err(Failure::new(ErrorCode::AssetFailed, format!("{url} was asked for outside a page.")));
        };
        let response = JsFuture::from(window.fetch_with_str(&url)).await;
        let response: Response = response
            .map_err(|reason| because(ErrorCode::AssetFailed, &format!("{url} could not be fetched"), &reason))?
            .unchecked_into();
        match response.status() {
            200..=299 => {}
            404 => return Err(Failure::new(ErrorCode::AssetNotFound, format!("{url} was not found (404)."))),
            status => return Err(Failure::new(ErrorCode::AssetFailed, format!("{url} was answered with {status}."))),
        }
        let actual = response.headers().get("content-type").ok().flatten().unwrap_or_default();
        // Servers say text/javascript or application/javascript; both are JavaScript.
        let wanted = mime_type.rsplit('/').next().unwrap_or(mime_type);
        if !actual.contains(wanted) {
            let message = format!("{url} was served as \"{actual}\" instead of {mime_type}.");
            return Err(Failure::new(ErrorCode::AssetWrongType, message));
        }
        Ok(response)
    }
}

thread_local! {
    /// The promise of each context's last script.
    static LAST_SCRIPTS: WeakMap = WeakMap::new();
}

/// Adds a worklet script to its context when the one that was asked for before is there, or has failed. With the first script that registers
/// a class WebKitGTK moves a running context's rendering to the worklet's thread: its main thread waits for that one, which waits
/// for the main thread if it is just being given another script. So nobody who gives up waiting for one lets the next go ahead.
fn add_module(context: &BaseAudioContext, url: String) -> Promise {
    LAST_SCRIPTS.with(|last| {
        let (before, owner) = (last.get(context), context.clone());
        let added = future_to_promise(async move {
            if let Ok(before) = before.dyn_into::<Promise>() {
                let _ = JsFuture::from(before).await;
            }
            JsFuture::from(owner.audio_worklet()?.add_module(&url)?).await
        });
        last.set(context, &added);
        added
    })
}

/// `JsValue` of a failure to call something that cannot fail in a working browser.
pub fn unexpected(what: &str) -> impl Fn(JsValue) -> Failure {
    move |reason| because(ErrorCode::WorkletFailed, what, &reason)
}
