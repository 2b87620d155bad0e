//! The raw exports of a codec module; the crate's page lists them.
#![expect(
    unsafe_code,
    reason = "exported names, the imported function and memory that the host fills are outside Rust's checks"
)]

use std::cell::RefCell;

use crate::{ByteSource, Codec, CodecError, SourceRead};

#[link(wasm_import_module = "source")]
unsafe extern "C" {
    fn read(offset: f64, address: *mut u8, length: i32) -> i32;
}

/// The host's bytes.
struct Host {
    byte_length: Option<u64>,
}

impl ByteSource for Host {
    fn byte_length(&self) -> Option<u64> {
        self.byte_length
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> SourceRead {
        let length = i32::try_from(buffer.len()).unwrap_or(i32::MAX);
        // SAFETY: the host writes at most `length` bytes from `address` on, which are the buffer's; that is the
        // contract of the import, and a host that breaks it harms this instance's own memory only.
        let copied = unsafe { read(offset as f64, buffer.as_mut_ptr(), length) };
        match usize::try_from(copied) {
            Ok(copied) => SourceRead::Bytes(copied.min(buffer.len())),
            Err(_) => SourceRead::Missing,
        }
    }
}

#[derive(Default)]
struct Instance {
    codec: Option<Codec>,
    byte_length: Option<u64>,
    description: String,
    message: String,
    index_bytes: Vec<u8>,
    /// Address of each plane of the last packet.
    planes: Vec<i32>,
    position: u64,
}

thread_local! {
    // A module serves one thread and one file.
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

fn with<T>(run: impl FnOnce(&mut Instance) -> T) -> T {
    INSTANCE.with_borrow_mut(run)
}

impl Instance {
    fn status(&mut self, outcome: Result<i32, CodecError>) -> i32 {
        match outcome {
            Ok(value) => value,
            Err(error) => {
                self.message = error.to_string();
                error.status()
            }
        }
    }
}

fn address<T>(slice: &[T]) -> i32 {
    (slice.as_ptr() as usize).cast_signed().try_into().unwrap_or(0)
}

fn length(text: &str) -> i32 {
    text.len().try_into().unwrap_or(i32::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn unsigned(number: f64) -> u64 {
    number as u64
}

/// Opens the file; 0 or a status.
#[unsafe(no_mangle)]
extern "C" fn codec_open(byte_length: f64) -> i32 {
    let byte_length = (byte_length >= 0.0).then(|| unsigned(byte_length));
    with(|instance| {
        if instance.byte_length != byte_length {
            instance.codec = None;
        }
        instance.byte_length = byte_length;
        // Bytes that an earlier attempt has read are still there.
        let codec = instance.codec.get_or_insert_with(|| Codec::new(Box::new(Host { byte_length })));
        let outcome = codec.open().map(|()| 0);
        instance.status(outcome)
    })
}

/// Address of the description; 0 before a file is open.
#[unsafe(no_mangle)]
extern "C" fn codec_description() -> i32 {
    with(|instance| match instance.codec.as_ref().map(Codec::description) {
        Some(Ok(description)) => {
            instance.description = description.to_json();
            address(instance.description.as_bytes())
        }
        _ => 0,
    })
}

/// Length of the description in bytes.
#[unsafe(no_mangle)]
extern "C" fn codec_description_length() -> i32 {
    with(|instance| length(&instance.description))
}

/// Decodes a packet; its frames or a status.
#[unsafe(no_mangle)]
extern "C" fn codec_next() -> i32 {
    with(|instance| {
        let Some(codec) = &mut instance.codec else {
            return crate::UNSUPPORTED_FORMAT;
        };
        instance.planes.clear();
        let outcome = codec.next().map(|packet| {
            instance.planes.extend((0..packet.channels()).map(|channel| address(packet.plane(channel))));
            instance.position = packet.position();
            i32::try_from(packet.frames()).unwrap_or(0)
        });
        instance.status(outcome)
    })
}

/// Address of a channel of the last packet; 0 if there is none.
#[unsafe(no_mangle)]
extern "C" fn codec_plane(channel: i32) -> i32 {
    with(|instance| {
        usize::try_from(channel).ok().and_then(|channel| instance.planes.get(channel).copied()).unwrap_or(0)
    })
}

/// Source frame of the first frame of the last packet.
#[unsafe(no_mangle)]
extern "C" fn codec_position() -> f64 {
    with(|instance| instance.position as f64)
}

/// Goes to a source frame; 0 or a status.
#[unsafe(no_mangle)]
extern "C" fn codec_seek(frame: f64) -> i32 {
    with(|instance| {
        let Some(codec) = &mut instance.codec else {
            return crate::UNSUPPORTED_FORMAT;
        };
        let outcome = codec.seek(unsigned(frame)).map(|()| 0);
        instance.status(outcome)
    })
}

/// 1 if the positions since the last open or seek are known to be true.
#[unsafe(no_mangle)]
extern "C" fn codec_seek_exact() -> i32 {
    with(|instance| i32::from(instance.codec.as_ref().is_none_or(Codec::is_seek_exact)))
}

/// Where the reader is in the file, in bytes.
#[unsafe(no_mangle)]
extern "C" fn codec_byte_position() -> f64 {
    with(|instance| instance.codec.as_ref().map_or(0.0, |codec| codec.byte_position() as f64))
}

/// Damaged packets concealed so far.
#[unsafe(no_mangle)]
extern "C" fn codec_skipped_packets() -> i32 {
    with(|instance| instance.codec.as_ref().map_or(0, Codec::skipped_packets).try_into().unwrap_or(i32::MAX))
}

/// Address of the sentence about the last negative status.
#[unsafe(no_mangle)]
extern "C" fn codec_message() -> i32 {
    with(|instance| address(instance.message.as_bytes()))
}

/// Length of that sentence in bytes.
#[unsafe(no_mangle)]
extern "C" fn codec_message_length() -> i32 {
    with(|instance| length(&instance.message))
}

/// File offset from which the index wants bytes next, or -1.
#[unsafe(no_mangle)]
extern "C" fn codec_index_next() -> f64 {
    with(|instance| instance.codec.as_ref().and_then(Codec::index_next).map_or(-1.0, |offset| offset as f64))
}

/// Address of a buffer of so many bytes for the index.
#[unsafe(no_mangle)]
extern "C" fn codec_index_buffer(length: i32) -> i32 {
    with(|instance| {
        instance.index_bytes.resize(usize::try_from(length).unwrap_or(0), 0);
        address(&instance.index_bytes)
    })
}

/// Takes that many bytes of the buffer for the index; 1 when it is complete.
#[unsafe(no_mangle)]
extern "C" fn codec_index_feed(length: i32) -> i32 {
    with(|instance| {
        let Some(codec) = &mut instance.codec else {
            return crate::UNSUPPORTED_FORMAT;
        };
        let length = usize::try_from(length).unwrap_or(0).min(instance.index_bytes.len());
        let is_complete = codec.index_feed(&instance.index_bytes[..length]);
        if is_complete {
            instance.index_bytes = Vec::new();
        }
        i32::from(is_complete)
    })
}

/// Frames to add to every position since the last seek; NaN while that is not known.
#[unsafe(no_mangle)]
extern "C" fn codec_landing_offset() -> f64 {
    with(|instance| instance.codec.as_ref().and_then(Codec::landing_offset).map_or(f64::NAN, |frames| frames as f64))
}
