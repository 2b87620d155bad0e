//! The codecs against other software, on material that it makes at test time.
//!
//! What is proved from what: a synthesised signal is encoded by ffmpeg (or flac, lame, opusenc). Lossless formats
//! must give ffmpeg's samples bit for bit. Lossy ones must have the signal's length and be as near to the decode
//! of ffmpeg (libopus for Opus) as rounding allows. Seeks and missing bytes are judged by our own linear decode,
//! which the former has proved. Damaged files have no reference: they must end, soon, and say why.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

mod damage;
mod index;
mod lossless;
mod lossy;
mod material;
mod missing;
mod opus;
mod reading;
mod seek;
