//! Loading the engine's files, and saying why one did not load.

use js_sys::WebAssembly;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BaseAudioContext, Response};

use crate::error::{Result, because, text};

/// Where the package's files are.
#[derive(Clone)]
pub struct Assets {
    base_url: String,
}

impl Assets {
    /// `base_url` is absolute and ends with a slash.
    pub fn new(base_url: String) -> Self {
        Self { base_url }
    }

    /// The folder, with a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address of a file.
    pub fn url(&self, name: &str) -> String {
        format!("{}{name}", self.base_url)
    }

    /// Loads and compiles a module.
    pub async fn module(&self, name: &str) -> Result<WebAssembly::Module> {
        let response = self.fetch(name, "application/wasm").await?;
        let bytes = response.array_buffer().map(JsFuture::from);
        let bytes = match bytes {
            Ok(bytes) => bytes.await,
            Err(reason) => Err(reason),
        };
        let bytes = bytes.map_err(|reason| because(ErrorCode::AssetFailed, &format!("{name} broke off"), &reason))?;
        let module = JsFuture::from(WebAssembly::compile(&bytes)).await;
        module.map(JsCast::unchecked_into).map_err(|reason| {
            let blocked = text(&reason).contains("unsafe-eval") || text(&reason).contains("Content Security Policy");
            let code = if blocked { ErrorCode::WebAssemblyBlocked } else { ErrorCode::AssetFailed };
            because(code, &format!("{name} did not compile"), &reason)
        })
    }

    /// Adds a worklet script to the context. `addModule` itself says too little when it fails, so the file is looked
    /// at again to find out why.
    pub async fn worklet(&self, context: &BaseAudioContext, name: &str) -> Result<()> {
        let added = context.audio_worklet().and_then(|worklet| worklet.add_module(&self.url(name)));
        let added = match added {
            Ok(promise) => JsFuture::from(promise).await,
            Err(reason) => Err(reason),
        };
        match added {
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

/// `JsValue` of a failure to call something that cannot fail in a working browser.
pub fn unexpected(what: &str) -> impl Fn(JsValue) -> Failure {
    move |reason| because(ErrorCode::WorkletFailed, what, &reason)
}
