//! A codec module instance behind the [`Codec`] trait. If it traps, the instance is dropped and nothing else is hurt.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Float32Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use rusty_audio_codec::{Family, IDENTIFY_BYTES, id3v2_length, identify};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;

use super::ModuleLibrary;
use crate::exception::describe;
use crate::source::{ReadOutcome, Source};
use crate::{Codec, CodecDescription, IndexState, Interruption, Media};

/// A source of the queue and the modules that can decode it.
pub struct SourceMedia {
    source: Source,
    library: ModuleLibrary,
}

impl SourceMedia {
    /// Decodes `source` with modules of `library`.
    pub const fn new(source: Source, library: ModuleLibrary) -> Self {
        Self { source, library }
    }

    /// The source.
    pub const fn source(&self) -> &Source {
        &self.source
    }
}

impl Media for SourceMedia {
    type Codec = CodecInstance;

    fn codec(&self) -> CodecInstance {
        CodecInstance { source: self.source.clone(), library: self.library.clone(), exports: None }
    }

    fn is_local(&self) -> bool {
        self.source.is_local()
    }

    fn release(&self) {
        self.source.release();
    }
}

/// One codec over one source, instantiated when it is opened.
pub struct CodecInstance {
    source: Source,
    library: ModuleLibrary,
    exports: Option<Exports>,
}

struct Exports {
    memory: WebAssembly::Memory,
    object: Object,
    next: Function,
    plane: Function,
    position: Function,
    byte_position: Function,
    frames: u32,
    /// The module calls it as `source.read`.
    _read: Closure<dyn FnMut(f64, i32, i32) -> i32>,
}

impl CodecInstance {
    /// The family, by the first bytes; an ID3 tag in front may be longer than what is in memory.
    fn identify(&self) -> Result<Family, Interruption> {
        if self.source.total() == Some(0) {
            return Err(failed(ErrorCode::EmptyFile, "The file has no bytes."));
        }
        let mut bytes = self.bytes_at(0)?;
        let tag = id3v2_length(&bytes);
        if tag + 16 > bytes.len() as u64 {
            bytes = self.bytes_at(tag)?;
        }
        identify(&bytes).ok_or_else(|| {
            let shown: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            failed(
                ErrorCode::UnsupportedFormat,
                format!("The file begins with {}, which is no known format.", shown.join(" ")),
            )
        })
    }

    fn bytes_at(&self, start: u64) -> Result<Vec<u8>, Interruption> {
        let mut bytes = Vec::new();
        while bytes.len() < IDENTIFY_BYTES {
            let wanted = IDENTIFY_BYTES - bytes.len();
            match self.source.read(start + bytes.len() as u64, wanted, |part| bytes.extend_from_slice(part)) {
                ReadOutcome::Bytes(_) => {}
                ReadOutcome::End => break,
                ReadOutcome::Missing => return Err(self.missing()),
            }
        }
        Ok(bytes)
    }

    /// Bytes are not there: they are awaited, unless the source has failed.
    fn missing(&self) -> Interruption {
        self.source.take_failure().map_or(Interruption::Waiting, Interruption::Failed)
    }

    fn instantiate(&self, module: &WebAssembly::Module) -> Result<Exports, Interruption> {
        let refuse = |error: JsValue| {
            failed(ErrorCode::AssetFailed, format!("The codec module could not be instantiated: {}.", describe(&error)))
        };
        let memory: Rc<RefCell<Option<WebAssembly::Memory>>> = Rc::default();
        let source = self.source.clone();
        let target = Rc::clone(&memory);
        let read = Closure::<dyn FnMut(f64, i32, i32) -> i32>::new(move |offset, address, length| {
            read_into(&source, target.borrow().as_ref(), offset, address, length)
        });
        let functions = Object::new();
        Reflect::set(&functions, &"read".into(), read.as_ref()).map_err(refuse)?;
        let imports = Object::new();
        Reflect::set(&imports, &"source".into(), &functions).map_err(refuse)?;
        let object = WebAssembly::Instance::new(module, &imports).map_err(refuse)?.exports();
        let export = |name: &str| Reflect::get(&object, &name.into()).map_err(refuse);
        let exported_memory: WebAssembly::Memory = export("memory")?.dyn_into().map_err(refuse)?;
        *memory.borrow_mut() = Some(exported_memory.clone());
        let function = |name: &str| export(name)?.dyn_into::<Function>().map_err(refuse);
        Ok(Exports {
            next: function("codec_next")?,
            plane: function("codec_plane")?,
            position: function("codec_position")?,
            byte_position: function("codec_byte_position")?,
            memory: exported_memory,
            frames: 0,
            object,
            _read: read,
        })
    }

    fn exports(&self) -> Result<&Exports, Interruption> {
        self.exports.as_ref().ok_or_else(|| failed(ErrorCode::DecoderFault, "The decoder has trapped before."))
    }

    /// Calls a function of the module; a trap drops the instance.
    fn call(&mut self, function: impl FnOnce(&Exports) -> Result<JsValue, JsValue>) -> Result<f64, Interruption> {
        match function(self.exports()?) {
            Ok(value) => Ok(value.as_f64().unwrap_or(0.0)),
            Err(error) => {
                self.exports = None;
                Err(failed(ErrorCode::DecoderFault, format!("The decoder trapped: {}.", describe(&error))))
            }
        }
    }

    fn call_named(&mut self, name: &str, argument: Option<f64>) -> Result<f64, Interruption> {
        self.call(|exports| {
            let function: Function = Reflect::get(&exports.object, &name.into())?.dyn_into()?;
            match argument {
                Some(argument) => function.call1(&JsValue::NULL, &argument.into()),
                None => function.call0(&JsValue::NULL),
            }
        })
    }

    /// A status below 0 as an interruption.
    fn checked(&mut self, status: f64) -> Result<f64, Interruption> {
        if status >= 0.0 {
            self.source.settle();
            return Ok(status);
        }
        #[expect(clippy::cast_possible_truncation, reason = "statuses are small whole numbers")]
        let code = match status as i32 {
            -1 => return Err(Interruption::End),
            -2 => return Err(self.missing()),
            -3 => ErrorCode::UnsupportedFormat,
            -4 => ErrorCode::UnsupportedCodec,
            -6 => ErrorCode::TruncatedFile,
            _ => ErrorCode::CorruptFile,
        };
        let message = self.text("codec_message")?;
        Err(failed(code, message))
    }

    /// Text that the module holds: `NAME()` is its address, `NAME_length()` its length.
    fn text(&mut self, name: &str) -> Result<String, Interruption> {
        let address = self.call_named(name, None)?;
        let length = self.call_named(&format!("{name}_length"), None)?;
        let memory = self.exports()?.memory.buffer();
        let bytes = Uint8Array::new_with_byte_offset_and_length(&memory, whole(address), whole(length)).to_vec();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// `source.read` of a codec module: the number of bytes copied, 0 at the end, -1 if they are missing.
fn read_into(source: &Source, memory: Option<&WebAssembly::Memory>, offset: f64, address: i32, length: i32) -> i32 {
    let Some(memory) = memory else { return -1 };
    let (Ok(address), Ok(wanted)) = (u32::try_from(address), usize::try_from(length)) else {
        return 0;
    };
    let buffer = memory.buffer();
    let outcome = source.read(whole_long(offset), wanted, |bytes| {
        let length = u32::try_from(bytes.len()).unwrap_or(0);
        Uint8Array::new_with_byte_offset_and_length(&buffer, address, length).copy_from(bytes);
    });
    match outcome {
        ReadOutcome::Bytes(bytes) => i32::try_from(bytes).unwrap_or(i32::MAX),
        ReadOutcome::End => 0,
        ReadOutcome::Missing => -1,
    }
}

fn failed(code: ErrorCode, message: impl Into<String>) -> Interruption {
    Interruption::Failed(Failure::new(code, message))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates; addresses are below 2^32"
)]
const fn whole(value: f64) -> u32 {
    // An address with the top bit set comes as a negative i32.
    if value < 0.0 { value as i32 as u32 } else { value as u32 }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates; positions are below 2^53"
)]
const fn whole_long(value: f64) -> u64 {
    value as u64
}

impl Codec for CodecInstance {
    fn open(&mut self) -> Result<CodecDescription, Interruption> {
        if self.exports.is_none() {
            let family = self.identify()?;
            let module = self.library.module(family)?;
            self.exports = Some(self.instantiate(&module)?);
        }
        #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
        let length = self.source.total().map_or(-1.0, |total| total as f64);
        let status = self.call_named("codec_open", Some(length))?;
        self.checked(status)?;
        self.description()
    }

    fn description(&mut self) -> Result<CodecDescription, Interruption> {
        let text = self.text("codec_description")?;
        let unreadable =
            |error: String| failed(ErrorCode::AssetFailed, format!("The codec's description is unreadable: {error}."));
        let object = js_sys::JSON::parse(&text).map_err(|error| unreadable(describe(&error)))?;
        serde_wasm_bindgen::from_value(object).map_err(|error| unreadable(error.to_string()))
    }

    fn next(&mut self) -> Result<usize, Interruption> {
        let position = self.call(|exports| exports.byte_position.call0(&JsValue::NULL))?;
        if !self.source.reads_at(whole_long(position)) && !self.source.has_failed() {
            return Err(Interruption::Waiting);
        }
        let status = self.call(|exports| exports.next.call0(&JsValue::NULL))?;
        let frames = self.checked(status)?;
        if let Some(exports) = &mut self.exports {
            exports.frames = whole(frames);
        }
        Ok(whole(frames) as usize)
    }

    fn read_plane(&mut self, channel: usize, samples: &mut Vec<f32>) -> Result<(), Interruption> {
        let channel = u32::try_from(channel).unwrap_or(u32::MAX);
        let address = self.call(|exports| exports.plane.call1(&JsValue::NULL, &channel.into()))?;
        let exports = self.exports()?;
        let view =
            Float32Array::new_with_byte_offset_and_length(&exports.memory.buffer(), whole(address), exports.frames);
        samples.resize(exports.frames as usize, 0.0);
        view.copy_to(samples);
        Ok(())
    }

    fn position(&mut self) -> Result<u64, Interruption> {
        Ok(whole_long(self.call(|exports| exports.position.call0(&JsValue::NULL))?))
    }

    fn seek(&mut self, frame: u64) -> Result<(), Interruption> {
        #[expect(clippy::cast_precision_loss, reason = "frames are below 2^53")]
        let status = self.call_named("codec_seek", Some(frame as f64))?;
        self.checked(status).map(|_| ())
    }

    fn seek_is_exact(&mut self) -> Result<bool, Interruption> {
        Ok(self.call_named("codec_seek_exact", None)? != 0.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates; offsets are below 2^53")]
    fn landing_offset(&mut self) -> Result<Option<i64>, Interruption> {
        let offset = self.call_named("codec_landing_offset", None)?;
        Ok(offset.is_finite().then_some(offset as i64))
    }

    fn extend_index(&mut self) -> Result<IndexState, Interruption> {
        let offset = self.call_named("codec_index_next", None)?;
        if offset < 0.0 {
            return Ok(IndexState::Complete);
        }
        let source = self.source.clone();
        let Some(bytes) = source.index_bytes(whole_long(offset)) else {
            return Err(self.missing());
        };
        let length = u32::try_from(bytes.len()).unwrap_or(0);
        let address = self.call_named("codec_index_buffer", Some(length.into()))?;
        let memory = self.exports()?.memory.buffer();
        Uint8Array::new_with_byte_offset_and_length(&memory, whole(address), length).copy_from(&bytes);
        let status = self.call_named("codec_index_feed", Some(length.into()))?;
        if self.checked(status)? > 0.0 {
            return Ok(IndexState::Complete);
        }
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share to show")]
        let progress = source.total().map_or(0.0, |total| ((offset + f64::from(length)) / total as f64) as f32);
        Ok(IndexState::Partial(progress))
    }
}
