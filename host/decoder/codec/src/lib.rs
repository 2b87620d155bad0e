//! Demuxers and decoders of the formats that Rusty Audio plays.
//!
//! One build per family of formats (cargo features `pcm`, `mp3`, `ogg`, `mp4`, `opus`), so that a page
//! loads what its file needs. The decode worker holds the bytes; a codec asks for them and never waits:
//! bytes that are not there make the call return [`CodecError::Missing`], the worker gets them and
//! **repeats the same call**, and nothing is lost. A build that traps on a hostile file is dropped by the
//! worker without harm to anything else.
//!
//! [`identify`] names the family of a file from its first bytes; it needs no feature.
//!
//! # The raw interface of a codec module
//!
//! Import `source.read(offset: f64, address: i32, length: i32) -> i32`: copies bytes of the file into the
//! module's memory; the result is how many (fewer are allowed), 0 at the end of the file, or -1 when the
//! byte at `offset` is not there yet. The host remembers which offset it refused: that is what it must get
//! before it repeats the call.
//!
//! | export | result |
//! |---|---|
//! | `memory` | |
//! | `codec_open(byte_length: f64) -> i32` | 0 or a status; `byte_length` -1 = unknown, then the file is read from start to end and cannot be sought. One instance serves one file: what an attempt has read of it is still there for the next |
//! | `codec_description() -> i32`, `codec_description_length() -> i32` | address and length of UTF-8 JSON, see [`Description`]; call the first one first, and again when the index is complete, since `frames` and `seek` may have become exact |
//! | `codec_next() -> i32` | frames decoded (0 is allowed: call again) or a status |
//! | `codec_plane(channel: i32) -> i32` | address of that channel's samples (f32), valid until the next call of any other export |
//! | `codec_position() -> f64` | source frame of the first of them; 0 is the first audible frame |
//! | `codec_seek(frame: f64) -> i32` | 0 or a status; `codec_next` then delivers from that very frame on, if `codec_seek_exact` says so, else from near it. A target beyond the end gives end of stream |
//! | `codec_seek_exact() -> i32` | 1 if the positions since the last open or seek are known to be true |
//! | `codec_byte_position() -> f64` | where the reader is in the file, for reading ahead |
//! | `codec_skipped_packets() -> i32` | damaged packets that were concealed with silence so far |
//! | `codec_message() -> i32`, `codec_message_length() -> i32` | one UTF-8 sentence about the last negative status |
//! | `codec_index_next() -> f64` | byte offset from which the frame index wants bytes next; -1 when it is complete or none is needed |
//! | `codec_index_buffer(length: i32) -> i32` | address to which the host copies bytes for the index |
//! | `codec_index_feed(length: i32) -> i32` | takes those bytes as the file's bytes from `codec_index_next()` on: 1 = the index is complete now, 0 = more please, or a status |
//! | `codec_landing_offset() -> f64` | after an inexact seek: frames to add to every position since; NaN while the index does not reach it |
//!
//! Statuses: [`END`] -1 end of stream, [`MISSING`] -2 (get the bytes, repeat the call),
//! [`UNSUPPORTED_FORMAT`] -3, [`UNSUPPORTED_CODEC`] -4, [`CORRUPT`] -5, [`TRUNCATED`] -6. What could be
//! decoded before a fault has been delivered before its status.
//!
//! # The frame index
//!
//! MP3 and ADTS files have no table of their frames. The index is a walk over all frame headers, without
//! decoding: the host feeds it the file's bytes from start to end, in pieces of any size, whenever it has
//! time. A seek into the part already walked is exact at once, beyond it a seek lands near its target.
//! When the index is complete every seek is exact and starts at a known byte, `frames` is exact, and
//! `codec_landing_offset` tells where an earlier seek really landed; the positions since that seek stay as they
//! were claimed. `codec_index_next` is -1 from the start for formats that can be sought exactly without it, and
//! for files beyond 4 GiB.
//!
//! # After a miss
//!
//! MP3, ADTS, WAV and AIFF go on where they were. FLAC, Ogg and MP4 are reopened inside, from bytes that are
//! kept since the first opening, and sought to the next frame; the host sees nothing of it but requests for a
//! few blocks more. So a host that reads ahead spares work, and one that forgets all but a block still gets
//! every sample.
//!
//! # Which decoder
//!
//! PCM has readers of its own. FLAC, MP3, AAC-LC and ALAC are decoded by Symphonia. Vorbis is decoded by lewton,
//! since Symphonia 0.6.1 makes noise of most streams with more than two channels; Opus by ropus, the one that
//! stays near libopus in every mode (above 71 dB; its output has 16 bits).

#![deny(unsafe_code)]
#![cfg_attr(not(feature = "all"), allow(dead_code, reason = "one family uses a part of what all share"))]

#[cfg(feature = "mp4")]
mod adts;
#[cfg(feature = "pcm")]
mod aiff;
#[cfg(feature = "decode")]
mod codec;
mod description;
mod error;
#[cfg(all(feature = "decode", target_arch = "wasm32"))]
mod exports;
#[cfg(feature = "pcm")]
mod flac;
#[cfg(any(feature = "mp3", feature = "mp4"))]
mod frame_index;
mod identify;
#[cfg(any(feature = "pcm", feature = "ogg", feature = "mp4", feature = "opus"))]
mod media_source;
#[cfg(feature = "mp3")]
mod mp3;
#[cfg(feature = "mp4")]
mod mp4;
#[cfg(feature = "mp4")]
mod mp4_boxes;
mod mpeg_header;
#[cfg(any(feature = "mp3", feature = "mp4"))]
mod mpeg_stream;
#[cfg(feature = "ogg")]
mod ogg;
#[cfg(any(feature = "ogg", feature = "opus"))]
mod ogg_end;
#[cfg(feature = "decode")]
mod open;
#[cfg(feature = "opus")]
mod opus;
#[cfg(any(feature = "pcm", feature = "ogg", feature = "mp4", feature = "opus"))]
mod packet_stream;
#[cfg(feature = "pcm")]
mod pcm;
mod source;
#[cfg(feature = "decode")]
mod stream;
#[cfg(feature = "ogg")]
mod vorbis;
#[cfg(any(feature = "ogg", feature = "opus"))]
mod vorbis_channels;
#[cfg(feature = "pcm")]
mod wave;
#[cfg(any(feature = "mp3", feature = "mp4"))]
mod window;
#[cfg(any(feature = "mp3", feature = "mp4"))]
mod xing;

#[cfg(feature = "decode")]
pub use codec::{Codec, Packet};
pub use description::{Description, SeekKind};
pub use error::{CORRUPT, CodecError, END, MISSING, TRUNCATED, UNSUPPORTED_CODEC, UNSUPPORTED_FORMAT};
pub use identify::{Family, IDENTIFY_BYTES, id3v2_length, identify};
pub use source::{ByteSource, SourceRead};
