//! Streams whose packets a demuxer of Symphonia finds.

use std::io;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo, Track};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;

use crate::description::positions_of_mask;
use crate::media_source::media_source_stream;
use crate::source::Source;
use crate::stream::{Planes, Step, Stream};
use crate::{CodecError, Description, SeekKind};

/// Packets of other tracks passed over by one call.
const MAXIMUM_FOREIGN_PACKETS: usize = 64;
/// More bytes than a reader looks ahead. If as many follow the last good packet, the file is damaged, not cut.
const READ_AHEAD_BYTES: u64 = 256 * 1024;

/// Opens a container.
pub(crate) type OpenReader = fn(MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error>;

/// Decodes the packets of one track.
pub(crate) trait PacketDecoder {
    /// Decodes into `planes`; the result is how many frames behind the packet's time stamp the first of them is,
    /// the error a clause that says what is wrong with the packet.
    fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<u64, String>;

    /// Forgets all packets.
    fn reset(&mut self);
}

impl PacketDecoder for Box<dyn AudioDecoder> {
    fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<u64, String> {
        let buffer = self.as_mut().decode(packet).map_err(|error| error.to_string())?;
        buffer.copy_to_vecs_planar(planes);
        Ok(packet.trim_start.get())
    }

    fn reset(&mut self) {
        self.as_mut().reset();
    }
}

/// How positions come from time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Positions {
    /// Each packet's time stamp counts frames: a hole shows.
    Stamped,
    /// The first packet's time stamp after a seek, then by counting: time stamps may be rounded.
    Counted,
}

/// What a format knows beside its packets.
pub(crate) struct Facts {
    pub description: Description,
    /// Time stamp units per second.
    pub timescale: u32,
    pub positions: Positions,
    /// Frames before source frame 0 on the track's time line.
    pub origin: i64,
    /// Frames to decode before a seek's target.
    pub preroll: u64,
    /// See [`Stream::frames_tolerance`].
    pub frames_tolerance: u64,
    /// Looks for what is wrong where the demuxer sees a plain end.
    pub judge_end: fn(&Source) -> Result<Option<CodecError>, CodecError>,
}

/// A demuxer that tells a cut from an end.
pub(crate) fn plain_end(_source: &Source) -> Result<Option<CodecError>, CodecError> {
    Ok(None)
}

/// A demuxer, the decoder of one of its tracks, and what is known of it.
pub(crate) struct PacketStream {
    source: Source,
    open_reader: OpenReader,
    /// `None` after a miss: it must be opened again, for no demuxer can go on.
    reader: Option<Box<dyn FormatReader>>,
    decoder: Box<dyn PacketDecoder>,
    track_id: u32,
    facts: Facts,
    /// Source frame of the next packet's first; `None` = its time stamp tells.
    position: Option<i64>,
    /// Where to go on after a miss.
    resume_at: u64,
    /// Damage before this frame is the decoder warming up.
    preroll_until: i64,
    /// Whether packets before the target of the last seek are still being passed.
    is_settling: bool,
    /// Where the file was read when the last packet came.
    last_good_byte: u64,
}

impl PacketStream {
    /// A stream over the track of an opened `reader`.
    pub(crate) fn new(
        source: &Source,
        open_reader: OpenReader,
        reader: Box<dyn FormatReader>,
        track_id: u32,
        decoder: Box<dyn PacketDecoder>,
        facts: Facts,
    ) -> Self {
        Self {
            source: source.clone(),
            open_reader,
            reader: Some(reader),
            decoder,
            track_id,
            facts,
            position: None,
            resume_at: 0,
            preroll_until: 0,
            is_settling: false,
            last_good_byte: 0,
        }
    }

    fn frames_of(&self, stamp: i64) -> i64 {
        if self.facts.timescale == self.facts.description.sample_rate {
            return stamp;
        }
        let scaled = i128::from(stamp) * i128::from(self.facts.description.sample_rate);
        let scale = i128::from(self.facts.timescale.max(1));
        i64::try_from((scaled + scale / 2).div_euclid(scale)).unwrap_or(i64::MAX)
    }

    fn stamp_of(&self, frames: i64) -> i64 {
        let scaled = i128::from(frames) * i128::from(self.facts.timescale);
        let rate = i128::from(self.facts.description.sample_rate.max(1));
        i64::try_from(scaled.div_euclid(rate)).unwrap_or(i64::MAX)
    }

    /// The error behind what a demuxer said, which may hide that bytes were not there.
    fn judge(&mut self, error: &Error) -> CodecError {
        if let Some(fault) = self.source.fault_error() {
            self.reader = None;
            return fault;
        }
        match error {
            Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let file_bytes = self.source.byte_length().map_or(0, |length| length + self.source.start());
                let rest = file_bytes.saturating_sub(self.last_good_byte);
                if rest > READ_AHEAD_BYTES {
                    CodecError::Corrupt(format!("The last {rest} bytes of the file hold no valid packet."))
                } else {
                    CodecError::Truncated("The file ends in the middle of its sound.".into())
                }
            }
            Error::ResetRequired => CodecError::UnsupportedFormat(
                "The file is a chain of several streams; only the first of them can be played.".into(),
            ),
            error => CodecError::Corrupt(format!("The file cannot be read on: {error}.")),
        }
    }

    /// Opens the container anew; what was read of it before is still there.
    fn reopen(&mut self) -> Result<(), CodecError> {
        match (self.open_reader)(media_source_stream(&self.source)) {
            Ok(reader) => self.reader = Some(reader),
            Err(error) => return Err(self.judge(&error)),
        }
        match self.source.fault_error() {
            Some(fault) => {
                self.reader = None;
                Err(fault)
            }
            None => Ok(()),
        }
    }

    /// One attempt to put the demuxer on the packet with `frame` of the track's time line.
    fn seek_reader(&mut self, frame: i64) -> Result<(), CodecError> {
        let stamp = self.stamp_of(frame);
        if self.reader.is_none() {
            self.reopen()?;
        }
        let can_seek = self.source.byte_length().is_some();
        let track_id = self.track_id;
        let Some(reader) = &mut self.reader else {
            return Err(CodecError::Missing);
        };
        if stamp <= 0 || !can_seek || reader.tracks().len() > 1 {
            // From the start: nothing has to be found there, and Symphonia's search in an Ogg file with several
            // streams does not end.
            return self.reopen();
        }
        let to = SeekTo::Timestamp { ts: Timestamp::new(stamp), track_id };
        let outcome = reader.seek(SeekMode::Accurate, to);
        if let Some(fault) = self.source.fault_error() {
            self.reader = None;
            return Err(fault);
        }
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = self.judge(&error);
                self.reader = None;
                Err(error)
            }
        }
    }

    /// Puts the demuxer so far before source frame `frame` that its decoding is complete.
    fn place(&mut self, frame: u64) -> Result<(), CodecError> {
        let target = i64::try_from(frame).unwrap_or(i64::MAX).saturating_add(self.facts.origin);
        let start = target.saturating_sub(i64::try_from(self.facts.preroll).unwrap_or(0)).max(0);
        let second = i64::from(self.facts.description.sample_rate);
        // A search may stumble over damage near its target that decoding passes: then from further back.
        let mut outcome = Ok(());
        for seconds in [0, 2, 20] {
            outcome = self.seek_reader((start - seconds * second).max(0));
            match outcome {
                Ok(()) | Err(CodecError::Missing) => break,
                Err(_) => {}
            }
        }
        outcome?;
        self.decoder.reset();
        self.position = None;
        self.resume_at = frame;
        self.preroll_until = i64::try_from(frame).unwrap_or(i64::MAX);
        self.is_settling = true;
        Ok(())
    }

    /// The next packet of the track; `None` after too many of others.
    fn next_packet(&mut self) -> Result<Option<Packet>, CodecError> {
        if self.reader.is_none() {
            self.source.begin_seek();
            self.place(self.resume_at)?;
        } else if self.is_settling {
            // What lies before the target must be kept: another miss leads back to it.
            self.source.begin_seek();
        }
        for _ in 0..MAXIMUM_FOREIGN_PACKETS {
            let Some(reader) = &mut self.reader else {
                return Err(CodecError::Missing);
            };
            let outcome = reader.next_packet();
            if let Some(fault) = self.source.fault_error() {
                self.reader = None;
                return Err(fault);
            }
            match outcome {
                Ok(Some(packet)) if packet.track_id == self.track_id => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => {
                    // What it reads must be kept until all of it is there.
                    self.source.begin_seek();
                    let fault = (self.facts.judge_end)(&self.source)?;
                    return Err(fault.unwrap_or(CodecError::End));
                }
                Err(error) => return Err(self.judge(&error)),
            }
        }
        Ok(None)
    }
}

impl Stream for PacketStream {
    fn description(&self) -> Description {
        self.facts.description.clone()
    }

    fn sample_rate(&self) -> u32 {
        self.facts.description.sample_rate
    }

    fn exact_frames(&self) -> Option<u64> {
        self.facts.description.frames.filter(|_| self.facts.description.frames_exact)
    }

    fn next(&mut self, planes: &mut Planes) -> Result<Step, CodecError> {
        let Some(packet) = self.next_packet()? else {
            return Ok(Step::Nothing);
        };
        self.last_good_byte = self.source.file_position();
        let outcome = self.decoder.decode(&packet, planes);
        let lead = outcome.as_ref().map_or(0, |&lead| i64::try_from(lead).unwrap_or(0));
        let stamped = self.frames_of(packet.pts.get()).saturating_add(lead).saturating_sub(self.facts.origin);
        let position = match self.facts.positions {
            Positions::Stamped => stamped,
            Positions::Counted => self.position.unwrap_or(stamped),
        };
        let decoded = planes.first().map_or(0, Vec::len);
        let frames = match &outcome {
            Ok(_) => i64::try_from(decoded).unwrap_or(0),
            Err(_) => self.frames_of(i64::try_from(packet.dur.get()).unwrap_or(0)),
        };
        let next = position.saturating_add(frames);
        self.position = Some(next);
        self.is_settling &= next <= self.preroll_until;
        self.resume_at = self.resume_at.max(u64::try_from(next).unwrap_or(0));
        match outcome {
            Ok(_) if decoded == 0 => Ok(Step::Nothing),
            Ok(_) if planes.len() != self.facts.description.channels => {
                Ok(Step::Damaged(format!("a packet has {} channels", planes.len())))
            }
            Ok(_) => Ok(Step::Frames { position }),
            Err(_) if next <= self.preroll_until => Ok(Step::Nothing),
            Err(why) => Ok(Step::Damaged(why)),
        }
    }

    fn seek(&mut self, frame: u64) -> Result<(), CodecError> {
        self.place(frame).map_err(|error| match error {
            CodecError::Missing | CodecError::UnsupportedFormat(_) => error,
            error if self.exact_frames().is_some() => error,
            // Without a known length a target that is not found lies behind the end.
            _ => CodecError::End,
        })
    }

    fn is_settling(&self) -> bool {
        self.is_settling
    }

    fn byte_position(&self) -> u64 {
        self.source.file_position()
    }

    fn frames_tolerance(&self) -> u64 {
        self.facts.frames_tolerance
    }
}

/// The first track that `choose` takes, and its parameters.
pub(crate) fn find_track(
    reader: &dyn FormatReader,
    choose: impl Fn(&Track, &AudioCodecParameters) -> bool,
) -> Option<(&Track, &AudioCodecParameters)> {
    reader.tracks().iter().find_map(|track| match &track.codec_params {
        Some(CodecParameters::Audio(parameters)) if choose(track, parameters) => Some((track, parameters)),
        _ => None,
    })
}

/// Names of the loudspeakers in the order of a decoder's planes.
pub(crate) fn channel_positions(channels: &Channels) -> Vec<&'static str> {
    let mask = match channels {
        // A single channel is mono, on whichever side a demuxer puts it.
        Channels::Positioned(positions) if positions.bits().count_ones() == 1 => 0,
        Channels::Positioned(positions) => u32::try_from(positions.bits()).unwrap_or(0),
        _ => 0,
    };
    positions_of_mask(mask, channels.count())
}

/// How a seekable or unseekable source is sought.
pub(crate) fn seek_kind(source: &Source) -> SeekKind {
    if source.byte_length().is_some() { SeekKind::Exact } else { SeekKind::None }
}

/// The error of a container that could not be opened.
pub(crate) fn open_error(source: &Source, container: &str, error: &Error) -> CodecError {
    if let Some(fault) = source.fault_error() {
        return fault;
    }
    match error {
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            CodecError::Truncated(format!("The {container} file ends before its sound starts."))
        }
        Error::Unsupported(what) => {
            CodecError::UnsupportedCodec(format!("The {container} file needs what is not supported: {what}."))
        }
        error => CodecError::Corrupt(format!("The headers of the {container} file are damaged: {error}.")),
    }
}
