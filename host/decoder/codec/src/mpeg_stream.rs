//! MP3 and ADTS files: frames one after another, with no table of where they are.

use symphonia::core::audio::layouts::{CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use crate::description::usual_positions;
use crate::frame_index::FrameIndex;
use crate::mpeg_header::{Found, FrameHeader, Framing, HEADER_BYTES, MAXIMUM_FRAME_BYTES, find};
use crate::source::Source;
use crate::stream::{Planes, Step, Stream};
use crate::window::Window;
use crate::xing::{self, Tag};
use crate::{CodecError, Description, SeekKind};

/// How far behind the tags the first frame may be.
const FIRST_FRAME_BYTES: usize = 64 * 1024;
/// Enough to see a frame and the header behind it.
const LOOK_BYTES: usize = 2 * (MAXIMUM_FRAME_BYTES + HEADER_BYTES);
/// Other matter between frames or at the end that is let pass: tags, remains of a cut.
const MAXIMUM_JUNK_BYTES: u64 = 1 << 20;
/// Other matter at the end that means nothing; more of it was sound once.
const HARMLESS_JUNK_BYTES: u64 = 4096;
/// Farthest that a layer III frame reaches back into those before it: `main_data_begin` has nine bits.
const RESERVOIR_BYTES: usize = 511;
/// Layer III: the overlap of the hybrid filter bank, the synthesis window, and one to spare.
const LAYER3_WARM_UP: u64 = 4;
/// AAC: the overlap of one frame, and one to spare.
const AAC_WARM_UP: u64 = 2;
/// Frames decoded before a target at the most, whatever the bit rate.
const MAXIMUM_PREROLL: u64 = 256;

/// Makes the decoder for the first frame of a stream.
pub(crate) type MakeDecoder = fn(&AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error>;

/// Matter that is no frame, at the reader's place.
#[derive(Default)]
struct Junk {
    bytes: u64,
    head: Vec<u8>,
    is_silent: bool,
}

/// Where an inexact seek landed.
struct Landing {
    /// Offset of the first frame there.
    offset: u64,
    /// The number that it was given.
    claimed: i64,
}

/// A sequence of self-describing frames.
pub(crate) struct MpegStream {
    source: Source,
    window: Window,
    decoder: Box<dyn AudioDecoder>,
    header: FrameHeader,
    tag: Option<Tag>,
    /// Offset of the first frame with sound.
    first_frame: u64,
    /// Mean length in bytes of the first frames.
    first_mean_frame_bytes: f64,
    index: Option<FrameIndex>,
    cursor: u64,
    in_sync: bool,
    /// Number of the frame at the cursor, as claimed.
    number: i64,
    /// Damage before this frame is the decoder warming up.
    preroll_until: i64,
    landing: Option<Landing>,
    junk: Junk,
}

impl MpegStream {
    /// Finds the first frame and reads the tag in it.
    pub(crate) fn open(
        source: &Source,
        make_decoder: MakeDecoder,
        codec: AudioCodecParameters,
    ) -> Result<Self, CodecError> {
        let mut window = Window::default();
        let (bytes, at_end) = window.at(source, 0, FIRST_FRAME_BYTES)?;
        // A first frame that nothing follows is looked at as well: a file may be that short.
        let (skip, header) = match find(bytes, at_end, true, None) {
            Found::Frame { skip, header } => (skip, header),
            _ => {
                return Err(CodecError::UnsupportedFormat(
                    "No MPEG audio frame was found at the start of the file.".into(),
                ));
            }
        };
        let tag = bytes.get(skip..skip + header.frame_bytes).filter(|_| header.framing == Framing::Layer3);
        let tag = tag.and_then(|frame| xing::parse(&header, frame));
        let first_frame = (skip + if tag.is_some() { header.frame_bytes } else { 0 }) as u64;
        let first_mean_frame_bytes = mean_frame_bytes(bytes.get(skip..).unwrap_or_default(), &header);
        if header.framing == Framing::Adts && header.object_type != 2 {
            let kind = ["", "AAC Main", "AAC-LC", "AAC SSR", "AAC LTP"][usize::from(header.object_type)];
            return Err(CodecError::UnsupportedCodec(format!(
                "The ADTS stream holds {kind}; only AAC-LC can be decoded."
            )));
        }
        if !(1..=2).contains(&header.channels) {
            return Err(CodecError::UnsupportedCodec(format!(
                "The ADTS stream has {} channels; AAC can be decoded with one or two.",
                header.channels
            )));
        }
        let mut parameters = codec;
        let layout = if header.channels == 1 { CHANNEL_LAYOUT_MONO } else { CHANNEL_LAYOUT_STEREO };
        parameters.with_sample_rate(header.sample_rate).with_channels(layout);
        let decoder = make_decoder(&parameters)
            .map_err(|error| CodecError::UnsupportedCodec(format!("The decoder refuses the stream: {error}.")))?;
        let index = source.byte_length().and_then(|length| FrameIndex::new(first_frame, header.key, length));
        Ok(Self {
            source: source.clone(),
            window,
            decoder,
            header,
            tag,
            first_frame,
            first_mean_frame_bytes,
            index,
            cursor: first_frame,
            in_sync: true,
            number: 0,
            preroll_until: 0,
            landing: None,
            junk: Junk::default(),
        })
    }

    /// Frames to drop at the start and at the end.
    fn trim(&self) -> (u32, u32) {
        self.tag.as_ref().and_then(|tag| tag.gapless).unwrap_or((0, 0))
    }

    /// Source frames in so many MPEG frames.
    fn source_frames(&self, mpeg_frames: u64, padding: u32) -> u64 {
        (mpeg_frames * u64::from(self.header.samples)).saturating_sub(u64::from(self.trim().0 + padding))
    }

    /// MPEG frames in the file and whether that is certain.
    fn mpeg_frames(&self) -> Option<(u64, bool)> {
        if let Some(frames) = self.exact_mpeg_frames() {
            return Some((frames, true));
        }
        let bytes = self.source.byte_length()?.saturating_sub(self.first_frame);
        let mean = self.mean_frame_bytes();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate, positive, and a float cast saturates"
        )]
        Some(((bytes as f64 / mean) as u64, false))
    }

    fn exact_mpeg_frames(&self) -> Option<u64> {
        let stated = self.tag.as_ref().and_then(|tag| tag.mpeg_frames).map(u64::from);
        let counted = self.index.as_ref().filter(|index| index.is_complete()).map(|index| index.len() as u64);
        // A file with fewer frames than its tag states is cut; one with more has a tag that was not renewed.
        match (stated, counted) {
            (Some(stated), Some(counted)) => Some(stated.max(counted)),
            (stated, counted) => stated.or(counted),
        }
    }

    /// Mean length of a frame in bytes, as far as it can be told.
    fn mean_frame_bytes(&self) -> f64 {
        let stated =
            self.tag.as_ref().and_then(|tag| Some(f64::from(tag.bytes?) / (f64::from(tag.mpeg_frames?) + 1.0)));
        let walked = || self.index.as_ref().filter(|index| index.len() > 100).and_then(FrameIndex::mean_frame_bytes);
        stated.or_else(walked).filter(|mean| *mean >= 1.0).unwrap_or(self.first_mean_frame_bytes)
    }

    /// Frames to decode before a target so that nothing of the decoder's past is missing.
    fn preroll(&self) -> u64 {
        if self.header.framing == Framing::Adts {
            return AAC_WARM_UP;
        }
        let overhead = self.header.header_bytes + self.header.side_bytes;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a frame length")]
        let mean = self.mean_frame_bytes() as usize;
        let main_data = mean.saturating_sub(overhead).max(1);
        // Frames shorter than the mean hold less: twice as many.
        (LAYER3_WARM_UP + 2 * RESERVOIR_BYTES.div_ceil(main_data) as u64).min(MAXIMUM_PREROLL)
    }

    /// Offset at which frame `number` should be.
    fn estimated_offset(&self, number: u64) -> u64 {
        let table = self.tag.as_ref().and_then(|tag| Some((tag.table_of_contents?, tag.bytes?, tag.mpeg_frames?)));
        let guess = match table {
            Some((table, bytes, frames)) => {
                let percent = (number as f64 * 100.0 / f64::from(frames)).clamp(0.0, 99.999);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 99")]
                let entry = percent as usize;
                let low = f64::from(table[entry]);
                let high = table.get(entry + 1).map_or(256.0, |&next| f64::from(next));
                (low + (high - low) * percent.fract()) / 256.0 * f64::from(bytes)
            }
            None => number as f64 * self.mean_frame_bytes(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
        let guess = self.first_frame.saturating_add(guess.max(0.0) as u64);
        guess.min(self.source.byte_length().unwrap_or(u64::MAX).saturating_sub(1))
    }

    /// Puts the reader on frame `number` at `offset`, certain of both.
    fn place(&mut self, number: u64, offset: u64, target: u64) {
        self.cursor = offset;
        self.in_sync = true;
        self.number = i64::try_from(number).unwrap_or(i64::MAX);
        self.preroll_until = i64::try_from(target).unwrap_or(i64::MAX);
        self.landing = None;
        self.junk = Junk::default();
        self.decoder.reset();
    }

    /// What the end of the file means, with `self.junk` before it.
    fn end(&self) -> CodecError {
        let is_tag = [&b"TAG"[..], b"APETAGEX", b"LYRICSBEGIN", b"3DI", b"ID3"]
            .iter()
            .any(|tag| self.junk.head.starts_with(tag));
        if is_tag || self.junk.is_silent || self.junk.bytes <= HARMLESS_JUNK_BYTES {
            return CodecError::End;
        }
        CodecError::Corrupt(format!("The last {} bytes of the file hold no MPEG audio frame.", self.junk.bytes))
    }

    /// Finds the next frame; the result is its offset, its header and whether all of it is there.
    fn locate(&mut self) -> Result<Option<(FrameHeader, bool)>, CodecError> {
        loop {
            let (bytes, at_end) = self.window.at(&self.source, self.cursor, LOOK_BYTES)?;
            let (skip, found) = match find(bytes, at_end, self.in_sync, Some(self.header.key)) {
                Found::Frame { skip, header } => (skip, Some((header, skip + header.frame_bytes <= bytes.len()))),
                Found::More { skip } => (skip, None),
                Found::Nothing => (bytes.len(), None),
            };
            if skip > 0 {
                if self.junk.bytes == 0 {
                    self.junk.head = bytes[..bytes.len().min(16)].to_vec();
                    self.junk.is_silent = true;
                }
                self.junk.is_silent &= bytes[..skip].iter().all(|&byte| byte == 0);
                self.junk.bytes += skip as u64;
                self.in_sync = false;
                self.cursor += skip as u64;
            }
            if found.is_some() || (at_end && skip == bytes.len()) || bytes.is_empty() {
                return Ok(found);
            }
            if self.junk.bytes > MAXIMUM_JUNK_BYTES {
                return Err(CodecError::Corrupt(format!(
                    "More than {MAXIMUM_JUNK_BYTES} bytes from byte {} of the file on hold no MPEG audio frame.",
                    self.source.start() + self.cursor - self.junk.bytes
                )));
            }
        }
    }
}

impl Stream for MpegStream {
    fn description(&self) -> Description {
        let is_mp3 = self.header.framing == Framing::Layer3;
        let (delay, padding) = self.trim();
        let gapless = self.tag.as_ref().is_some_and(|tag| tag.gapless.is_some());
        let frames = match self.mpeg_frames() {
            Some((frames, true)) => self.exact_frames().or(Some(self.source_frames(frames, padding))),
            Some((frames, false)) => Some(self.source_frames(frames, padding)),
            None => None,
        };
        let mut notes = Vec::new();
        if !gapless {
            let name = if is_mp3 { "The MP3 file has no LAME tag" } else { "ADTS says nothing of the encoder" };
            notes
                .push(format!("{name}: the silence that the encoder added at the start and at the end is played too."));
        }
        debug_assert!(gapless || delay == 0);
        let is_indexed = self.index.as_ref().map(FrameIndex::is_complete);
        Description {
            container: if is_mp3 { "MP3" } else { "ADTS" },
            codec: if is_mp3 { "MP3" } else { "AAC-LC" }.into(),
            channels: self.header.channels,
            sample_rate: self.header.sample_rate,
            frames,
            frames_exact: self.exact_frames().is_some(),
            gapless,
            seek: match is_indexed {
                Some(true) => SeekKind::Exact,
                Some(false) => SeekKind::Index,
                None => SeekKind::None,
            },
            notes,
            channel_positions: usual_positions(self.header.channels).to_vec(),
        }
    }

    fn sample_rate(&self) -> u32 {
        self.header.sample_rate
    }

    fn exact_frames(&self) -> Option<u64> {
        let frames = self.exact_mpeg_frames()?;
        let stated = self.tag.as_ref().and_then(|tag| tag.mpeg_frames).map(u64::from);
        // The padding counts from the last frame that the encoder wrote.
        let padding = if stated == Some(frames) { self.trim().1 } else { 0 };
        Some(self.source_frames(frames, padding))
    }

    fn next(&mut self, planes: &mut Planes) -> Result<Step, CodecError> {
        let junk_before = self.junk.bytes;
        let Some((header, is_whole)) = self.locate()? else {
            return Err(self.end());
        };
        if !is_whole {
            return Err(CodecError::Truncated(format!(
                "The file ends inside the frame at byte {}.",
                self.source.start() + self.cursor
            )));
        }
        if self.junk.bytes > 0 {
            let bytes = std::mem::take(&mut self.junk).bytes;
            debug_assert!(bytes >= junk_before);
            self.in_sync = true;
            return Ok(Step::Damaged(format!("{bytes} bytes before the frame at byte {} are none", self.cursor)));
        }
        let (bytes, _) = self.window.at(&self.source, self.cursor, header.frame_bytes)?;
        let coded = match header.framing {
            Framing::Layer3 => &bytes[..header.frame_bytes],
            Framing::Adts => &bytes[header.header_bytes..header.frame_bytes],
        };
        let packet = Packet::new(0, Timestamp::new(self.number), Duration::new(header.samples.into()), coded);
        let number = self.number;
        self.cursor += header.frame_bytes as u64;
        self.in_sync = true;
        self.number += 1;
        match self.decoder.decode(&packet) {
            Ok(buffer) if buffer.frames() == header.samples as usize => {
                buffer.copy_to_vecs_planar(planes);
                Ok(Step::Frames { position: number * i64::from(header.samples) - i64::from(self.trim().0) })
            }
            outcome if number < self.preroll_until => {
                drop(outcome);
                Ok(Step::Nothing)
            }
            Ok(buffer) => Ok(Step::Damaged(format!("a frame decodes to {} samples", buffer.frames()))),
            Err(error) => Ok(Step::Damaged(error.to_string())),
        }
    }

    fn seek(&mut self, frame: u64) -> Result<(), CodecError> {
        let target = frame.saturating_add(self.trim().0.into()) / u64::from(self.header.samples);
        let start = target.saturating_sub(self.preroll());
        let index_of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        if start == 0 {
            self.place(0, self.first_frame, target);
            return Ok(());
        }
        let indexed = self.index.as_ref().filter(|index| index.len() > index_of(target));
        if let Some(offset) = indexed.and_then(|index| index.offset(index_of(start))) {
            self.place(start, offset, target);
            return Ok(());
        }
        if self.index.as_ref().is_some_and(FrameIndex::is_complete) {
            return Err(CodecError::End);
        }
        if self.source.byte_length().is_none() {
            return Err(CodecError::UnsupportedFormat(
                "The length of the source is unknown: it cannot be sought.".into(),
            ));
        }
        self.place(start, self.estimated_offset(start), target);
        self.in_sync = false;
        let found = self.locate();
        self.junk = Junk::default();
        match found? {
            Some(_) => {
                self.landing = Some(Landing { offset: self.cursor, claimed: self.number });
                self.in_sync = true;
                Ok(())
            }
            None => Err(CodecError::End),
        }
    }

    fn is_exact(&self) -> bool {
        self.landing.is_none()
    }

    fn byte_position(&self) -> u64 {
        self.source.start() + self.cursor
    }

    fn frames_tolerance(&self) -> u64 {
        // Some encoders count the tag's own frame.
        2 * u64::from(self.header.samples)
    }

    fn index_next(&self) -> Option<u64> {
        let index = self.index.as_ref().filter(|index| !index.is_complete())?;
        Some(self.source.start() + index.next())
    }

    fn index_feed(&mut self, bytes: &[u8]) -> bool {
        self.index.as_mut().is_none_or(|index| index.feed(bytes))
    }

    fn landing_offset(&self) -> Option<i64> {
        let Some(landing) = &self.landing else {
            return Some(0);
        };
        let number = self.index.as_ref()?.number_at(landing.offset)?;
        Some((i64::try_from(number).ok()? - landing.claimed) * i64::from(self.header.samples))
    }
}

/// Mean length of the frames that follow each other from the start of `bytes`.
fn mean_frame_bytes(bytes: &[u8], first: &FrameHeader) -> f64 {
    let mut count = 0;
    let mut offset = 0;
    while let Found::Frame { skip: 0, header } =
        find(bytes.get(offset..).unwrap_or_default(), false, true, Some(first.key))
    {
        count += 1;
        offset += header.frame_bytes;
    }
    offset as f64 / f64::from(count.max(1))
}
