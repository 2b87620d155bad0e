//! Stable error codes, and the sentence that tells a person what to do.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal: $advice:literal;)*) => {
        /// A stable code. Its text never changes meaning; new codes may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text that stands in `error.code`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// One sentence for a person: what to do about it.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

codes! {
    // The page cannot start.
    /// The page is not a secure context, so there is no `AudioWorklet`.
    InsecureContext = "insecure-context": "Serve the page over https or from localhost.";
    /// The browser has no `AudioWorkletNode`.
    NoAudioWorklet = "no-audio-worklet": "Use a browser with AudioWorklet: Chrome 66, Firefox 76, Safari 14.1 or later.";
    /// The browser has no WebAssembly, or lacks a feature that the module needs.
    NoWebAssembly = "no-webassembly": "Use a browser with WebAssembly and its threads: Chrome 92, Firefox 79, Safari 15.2 or later.";
    /// The page's content security policy forbids WebAssembly.
    WebAssemblyBlocked = "webassembly-blocked": "Add 'wasm-unsafe-eval' to the script-src directive of the page's Content-Security-Policy.";
    /// The page's content security policy asks for trusted addresses of workers, and does not allow the policy that makes them.
    TrustedTypesBlocked = "trusted-types-blocked": "Add rusty-audio to the trusted-types directive of the page's Content-Security-Policy, or give the name of a policy that it allows in the trustedTypesPolicyName option.";
    /// A file of the engine was not found.
    AssetNotFound = "asset-not-found": "Copy the package's files beside the script, or give their place in the assetBaseUrl option.";
    /// A file of the engine was served with a wrong MIME type.
    AssetWrongType = "asset-wrong-type": "Serve .wasm as application/wasm and .js as text/javascript.";
    /// A file of the engine could not be loaded or compiled.
    AssetFailed = "asset-failed": "Reload the page; if it persists, the file on the server is damaged or of another version.";
    /// A worker did not start.
    WorkerFailed = "worker-failed": "Check that the worker script is served as text/javascript and that worker-src in the Content-Security-Policy allows it.";
    /// The worklet script did not load or its processor could not be constructed.
    WorkletFailed = "worklet-failed": "Check that the worklet script is served as text/javascript and that script-src in the Content-Security-Policy allows it.";
    /// Something did not start within the time limit.
    StartTimeout = "start-timeout": "Reload the page; the message names what did not start.";
    /// The audio context does not run: no device, or no user gesture yet.
    AudioNotRunning = "audio-not-running": "Connect an audio device, click on the page and press play again.";
    /// The context was closed.
    ContextClosed = "context-closed": "Make a new AudioContext and a new engine: a closed one never sounds again.";
    /// The browser has no memory of the engine's size.
    OutOfMemory = "out-of-memory": "Close other pages, or lower the memoryMebibytes option.";
    /// Files of different versions of the package came together.
    VersionMismatch = "version-mismatch": "Reload the page without the cache, and serve all of the package's files from one version.";
    /// The engine's memory has no room for what was asked.
    MemoryFull = "memory-full": "Ask for less, or raise the memoryMebibytes option by the bytes that the message names.";
    /// The audio thread trapped: once, and a fresh engine went on; or too often, and the engine is silent.
    AudioThreadFault = "audio-thread-fault": "If it is silent, make a new engine; please report the message, it is a defect of the engine.";

    // The round trip cannot be measured.
    /// The page has not said that the person was warned of the noise.
    VolumeUnconfirmed = "volume-unconfirmed": "Warn that a loud noise will sound for four seconds, have headphones taken off the ears and the volume turned low, then call again with volumeIsLow: true.";
    /// The person, the page's policy or the system gives no microphone.
    MicrophoneUnavailable = "microphone-unavailable": "Connect a microphone and allow the page to use it.";
    /// The microphone did not hear the loudspeaker, or not well enough.
    NoRoundTrip = "no-round-trip": "Have loudspeaker and microphone on, near each other and neither muted nor overdriven, and measure again.";

    // A call was wrong.
    /// An option or argument is out of its range or of the wrong type.
    InvalidArgument = "invalid-argument": "Give a value within the range that the message names.";
    /// The object was disposed of before.
    Disposed = "disposed": "Make a new engine or player.";
    /// The caller's `AbortSignal` fired, or a later call replaced this one.
    Aborted = "aborted": "Nothing to do: the operation was cancelled.";

    // A file cannot be played, or not to its end.
    /// The file has no bytes.
    EmptyFile = "empty-file": "Choose a file that is not empty.";
    /// The bytes are not of a format that the player knows.
    UnsupportedFormat = "unsupported-format": "Choose a WAV, AIFF, FLAC, MP3, Ogg, MP4 or AAC file; the name alone does not make it one.";
    /// The container is known but its codec is not.
    UnsupportedCodec = "unsupported-codec": "Convert the file to FLAC, MP3, Vorbis, Opus, AAC-LC or ALAC.";
    /// The file is damaged from some place on; what came before was played.
    CorruptFile = "corrupt-file": "Get a fresh copy of the file: it is damaged at the place that the message names.";
    /// The file ends too early; what there is was played.
    TruncatedFile = "truncated-file": "Get a complete copy of the file: its end is missing.";
    /// The decoder trapped; it was replaced.
    DecoderFault = "decoder-fault": "Convert the file with other software; please report it, it is a defect of the decoder.";

    // A network source failed.
    /// The address is not a URL that can be fetched.
    InvalidUrl = "invalid-url": "Give an http, https or relative address.";
    /// The server answered with an HTTP error.
    HttpStatus = "http-status": "Check the address: the message names the server's answer.";
    /// The request failed before an answer: connection, DNS, or a cross-origin rule.
    NetworkFailed = "network-failed": "Check the connection; for another origin the server must send Access-Control-Allow-Origin, and Cross-Origin-Resource-Policy on an isolated page.";
    /// The server stopped sending.
    NetworkStalled = "network-stalled": "Try again: the server sent nothing for the time that the message names.";
    /// The file on the server changed while it was being read.
    SourceChanged = "source-changed": "Load it again: the file on the server has changed.";
}

/// A code with what happened, in one sentence. The advice belongs to the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened, with the names and numbers of this case.
    pub message: String,
}

impl Failure {
    /// A failure of kind `code`; `message` says what happened, not what to do.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl core::fmt::Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", self.message, self.code.advice())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_advice_is_one_sentence() {
        for (i, code) in ErrorCode::ALL.iter().enumerate() {
            assert!(ErrorCode::ALL[..i].iter().all(|c| c.as_str() != code.as_str()));
            assert!(code.advice().ends_with('.'), "{}", code.as_str());
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        }
    }
}
