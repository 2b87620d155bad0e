//! One opened file: trims, conceals, and tells ends from faults.

use crate::source::Source;
use crate::stream::{Planes, Step, Stream};
use crate::{ByteSource, CodecError, Description, open};

/// Damaged packets in a row after which a file is given up. At 26 ms a packet (MP3) about 1.3 s.
const MAXIMUM_DAMAGED_RUN: u32 = 50;

/// The longest hole that is filled with silence, in seconds.
const MAXIMUM_SILENCE_S: u64 = 10;

/// A file being decoded, packet by packet.
///
/// ```no_run
/// # fn show(source: Box<dyn rusty_audio_codec::ByteSource>) -> Result<(), rusty_audio_codec::CodecError> {
/// let mut codec = rusty_audio_codec::Codec::new(source);
/// codec.open()?;
/// while let Ok(packet) = codec.next() {
///     let left: &[f32] = packet.plane(0);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Codec {
    source: Source,
    stream: Option<Box<dyn Stream>>,
    planes: Planes,
    /// The next source frame to deliver.
    next_frame: i64,
    damaged_run: u32,
    skipped_packets: u32,
    /// Why it is over, until a seek.
    finished: Option<CodecError>,
}

/// Frames that were decoded by one call of [`Codec::next`].
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    planes: &'a Planes,
    start: usize,
    frames: usize,
    position: u64,
}

impl<'a> Packet<'a> {
    /// How many; may be 0.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Channels of the file.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.planes.len()
    }

    /// Source frame of the first; 0 is the first audible frame of the file.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Samples of a channel, [`Packet::frames`] of them; empty for a channel that the file has not.
    #[must_use]
    pub fn plane(&self, channel: usize) -> &'a [f32] {
        self.planes.get(channel).and_then(|plane| plane.get(self.start..self.start + self.frames)).unwrap_or_default()
    }
}

impl Codec {
    /// A codec for `source`, not opened yet.
    #[must_use]
    pub fn new(source: Box<dyn ByteSource>) -> Self {
        Self {
            source: Source::new(source),
            stream: None,
            planes: Vec::new(),
            next_frame: 0,
            damaged_run: 0,
            skipped_packets: 0,
            finished: None,
        }
    }

    /// Reads the headers.
    ///
    /// # Errors
    /// [`CodecError::Missing`]: get the bytes and call again. Else the file cannot be played.
    pub fn open(&mut self) -> Result<(), CodecError> {
        self.stream = None;
        self.source.begin_open();
        let outcome = open::open(&self.source);
        self.source.finish(outcome.is_ok());
        self.stream = Some(outcome?);
        self.next_frame = 0;
        self.damaged_run = 0;
        self.skipped_packets = 0;
        self.finished = None;
        Ok(())
    }

    /// What is known of the file now; it may become better while the index grows.
    ///
    /// # Errors
    /// [`CodecError::UnsupportedFormat`] before [`Codec::open`] has succeeded.
    pub fn description(&self) -> Result<Description, CodecError> {
        self.stream.as_ref().map(|stream| stream.description()).ok_or_else(not_open)
    }

    /// Decodes a packet. An empty one is no end: call again.
    ///
    /// # Errors
    /// [`CodecError::End`] at the end, [`CodecError::Missing`] when bytes are needed first; any other error is
    /// the end of what can be decoded.
    #[expect(clippy::should_implement_trait, reason = "a packet borrows from the codec, which an iterator cannot say")]
    pub fn next(&mut self) -> Result<Packet<'_>, CodecError> {
        if let Some(error) = &self.finished {
            return Err(error.clone());
        }
        match self.advance() {
            Ok((start, frames)) => {
                let position = u64::try_from(self.next_frame).unwrap_or(0).saturating_sub(frames as u64);
                Ok(Packet { planes: &self.planes, start, frames, position })
            }
            Err(CodecError::Missing) => Err(CodecError::Missing),
            Err(error) => {
                self.finished = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Advances by one packet; the result is the audible part of the planes, start and count.
    fn advance(&mut self) -> Result<(usize, usize), CodecError> {
        let Some(stream) = &mut self.stream else {
            return Err(not_open());
        };
        let end = audible_end(stream.as_ref());
        if end.is_some_and(|end| self.next_frame >= end) {
            return Err(stream.end_fault().unwrap_or(CodecError::End));
        }
        self.source.begin_next();
        let step = stream.next(&mut self.planes);
        self.source.finish(step != Err(CodecError::Missing) && !stream.is_settling());
        match step {
            Ok(Step::Nothing) => Ok((0, 0)),
            Ok(Step::Damaged(why)) => {
                self.damaged_run += 1;
                self.skipped_packets += 1;
                if self.damaged_run > MAXIMUM_DAMAGED_RUN {
                    let rate = stream.sample_rate();
                    return Err(CodecError::Corrupt(format!(
                        "{MAXIMUM_DAMAGED_RUN} packets in a row are damaged at {}: {why}.",
                        time(self.next_frame, rate)
                    )));
                }
                Ok((0, 0))
            }
            Ok(Step::Frames { position }) => self.deliver(position, end),
            Err(CodecError::End) => Err(self.judge_end()),
            Err(error) => Err(error),
        }
    }

    /// Cuts the planes to what is audible and not delivered yet; fills a hole before them with silence.
    fn deliver(&mut self, position: i64, end: Option<i64>) -> Result<(usize, usize), CodecError> {
        let Some(stream) = &self.stream else {
            return Err(not_open());
        };
        let frames = self.planes.first().map_or(0, Vec::len);
        if frames == 0 {
            return Ok((0, 0));
        }
        let mut first = position;
        let mut count = frames;
        if position > self.next_frame {
            let rate = stream.sample_rate();
            let hole = position.abs_diff(self.next_frame);
            if hole > MAXIMUM_SILENCE_S * u64::from(rate) {
                return Err(CodecError::Corrupt(format!(
                    "{} of sound are missing at {}.",
                    time(position - self.next_frame, rate),
                    time(self.next_frame, rate)
                )));
            }
            let silence = usize::try_from(hole).unwrap_or(0);
            for plane in &mut self.planes {
                plane.splice(0..0, std::iter::repeat_n(0.0, silence));
            }
            // A hole that no damaged packet announced was a packet that the demuxer did not recognise.
            self.skipped_packets += u32::from(self.damaged_run == 0);
            first = self.next_frame;
            count += silence;
        }
        self.damaged_run = 0;
        let start = usize::try_from(self.next_frame - first).unwrap_or(usize::MAX).min(count);
        let last = match end {
            Some(end) => usize::try_from(end - first).unwrap_or(0).min(count),
            None => count,
        };
        let audible = last.saturating_sub(start);
        self.next_frame += i64::try_from(audible).unwrap_or(0);
        Ok((start, audible))
    }

    /// The stream has no more packets: is that the end of the sound?
    fn judge_end(&self) -> CodecError {
        let Some(stream) = &self.stream else {
            return not_open();
        };
        let rate = stream.sample_rate();
        if self.damaged_run > 0 {
            return CodecError::Corrupt(format!(
                "The last {} packets, from {} on, are damaged.",
                self.damaged_run,
                time(self.next_frame, rate)
            ));
        }
        let tolerance = i64::try_from(stream.frames_tolerance()).unwrap_or(0);
        match audible_end(stream.as_ref()) {
            Some(end) if self.next_frame + tolerance < end => CodecError::Truncated(format!(
                "The file ends at {} of {}.",
                time(self.next_frame, rate),
                time(end, rate)
            )),
            _ => CodecError::End,
        }
    }

    /// Goes to `frame`: the next packets start exactly there if [`Codec::is_seek_exact`], else near it. Beyond
    /// the end the next packet is [`CodecError::End`].
    ///
    /// # Errors
    /// [`CodecError::Missing`]: get the bytes and call again. [`CodecError::UnsupportedFormat`] when the stream
    /// cannot be sought.
    pub fn seek(&mut self, frame: u64) -> Result<(), CodecError> {
        let Some(stream) = &mut self.stream else {
            return Err(not_open());
        };
        let target = i64::try_from(frame).unwrap_or(i64::MAX);
        self.finished = None;
        self.damaged_run = 0;
        if audible_end(stream.as_ref()).is_some_and(|end| target >= end) {
            self.next_frame = target;
            self.finished = Some(CodecError::End);
            return Ok(());
        }
        self.source.begin_seek();
        let outcome = stream.seek(frame);
        self.source.finish(outcome != Err(CodecError::Missing));
        match outcome {
            Ok(()) => self.next_frame = target,
            Err(CodecError::End) => {
                self.next_frame = target;
                self.finished = Some(CodecError::End);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether the positions since the last open or seek are known to be true.
    #[must_use]
    pub fn is_seek_exact(&self) -> bool {
        self.stream.as_ref().is_none_or(|stream| stream.is_exact())
    }

    /// Where the reader is in the file, in bytes.
    #[must_use]
    pub fn byte_position(&self) -> u64 {
        self.stream.as_ref().map_or_else(|| self.source.file_position(), |stream| stream.byte_position())
    }

    /// Damaged packets that were concealed so far.
    #[must_use]
    pub fn skipped_packets(&self) -> u32 {
        self.skipped_packets
    }

    /// File offset from which the index wants bytes next; `None` when it is complete or not needed.
    #[must_use]
    pub fn index_next(&self) -> Option<u64> {
        self.stream.as_ref().and_then(|stream| stream.index_next())
    }

    /// Takes the file's bytes from [`Codec::index_next`] on; whether the index is complete now.
    pub fn index_feed(&mut self, bytes: &[u8]) -> bool {
        self.stream.as_mut().is_none_or(|stream| stream.index_feed(bytes))
    }

    /// Frames to add to every position since the last seek; `None` while the index does not reach it.
    #[must_use]
    pub fn landing_offset(&self) -> Option<i64> {
        self.stream.as_ref().and_then(|stream| stream.landing_offset())
    }
}

/// Where the sound ends, if that is certain and the positions are.
fn audible_end(stream: &dyn Stream) -> Option<i64> {
    stream.exact_frames().filter(|_| stream.is_exact()).and_then(|frames| i64::try_from(frames).ok())
}

/// `1 min 2.345 s`.
fn time(frames: i64, sample_rate: u32) -> String {
    let milliseconds = frames.max(0) * 1000 / i64::from(sample_rate.max(1));
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let seconds = format!("{}.{:03} s", rest / 1000, rest % 1000);
    if minutes > 0 { format!("{minutes} min {seconds}") } else { seconds }
}

fn not_open() -> CodecError {
    CodecError::UnsupportedFormat("The codec has not opened a file.".into())
}
