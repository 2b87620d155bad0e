//! AAC and ALAC in MP4.

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_ALAC};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::{AacDecoder, AlacDecoder};
use symphonia::default::formats::IsoMp4Reader;

use crate::media_source::media_source_stream;
use crate::mp4_boxes::{Movie, Mp4Track, judge_last_fragment, read_movie};
use crate::packet_stream::{
    Facts, PacketStream, Positions, channel_positions, find_track, open_error, plain_end, seek_kind,
};
use crate::source::Source;
use crate::{CodecError, Description};

/// AAC overlaps each packet of 1024 frames with the one before it; one more to spare.
const AAC_PREROLL_FRAMES: u64 = 2048;

fn open_reader(stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    Ok(Box::new(IsoMp4Reader::try_new(stream, FormatOptions::default())?))
}

/// Opens an MP4 file.
pub(crate) fn open(source: &Source) -> Result<PacketStream, CodecError> {
    let movie = read_movie(source)?;
    let codings = [*b"mp4a", *b"alac"];
    let sounds = || movie.tracks.iter().filter(|track| track.is_sound);
    let Some(chosen) = sounds().find(|track| codings.contains(&track.coding)) else {
        return Err(CodecError::UnsupportedCodec(match sounds().next() {
            Some(track) => format!(
                "The MP4 file holds '{}'; AAC-LC and ALAC can be decoded.",
                String::from_utf8_lossy(&track.coding)
            ),
            None => "The MP4 file has no sound track.".into(),
        }));
    };
    movie.hide_all_but(chosen.id, source);
    let reader = open_reader(media_source_stream(source)).map_err(|error| open_error(source, "MP4", &error))?;
    if let Some(fault) = source.fault_error() {
        return Err(fault);
    }
    let Some((track, parameters)) = find_track(reader.as_ref(), |track, _| track.id == chosen.id) else {
        return Err(CodecError::Corrupt("The MP4 file does not describe its sound track.".into()));
    };
    let options = AudioDecoderOptions::default();
    let is_aac = parameters.codec == CODEC_ID_AAC;
    let decoder: Result<Box<dyn AudioDecoder>, Error> = match parameters.codec {
        CODEC_ID_AAC => AacDecoder::try_new(parameters, &options).map(|decoder| Box::new(decoder) as _),
        CODEC_ID_ALAC => AlacDecoder::try_new(parameters, &options).map(|decoder| Box::new(decoder) as _),
        _ => Err(Error::Unsupported("it is neither AAC nor ALAC")),
    };
    let decoder = decoder.map_err(|error| {
        CodecError::UnsupportedCodec(format!(
            "The sound of the MP4 file cannot be decoded ({error}); AAC-LC with one or two channels and ALAC can."
        ))
    })?;
    // The decoder has read the codec's own configuration, which is right where the container is not.
    let decoded = decoder.codec_params();
    let channels = decoded.channels.clone().or_else(|| parameters.channels.clone()).unwrap_or_default();
    let sample_rate = decoded.sample_rate.or(parameters.sample_rate).filter(|&rate| rate > 0);
    let sample_rate = sample_rate.ok_or_else(|| CodecError::Corrupt("The MP4 file states no sample rate.".into()))?;
    let timescale = track.time_base.map_or(sample_rate, |base| base.denom.get());
    let units = track.duration.map(|duration| duration.get()).filter(|&units| units > 0);
    let Trim { start, frames, is_known, notes } = trim(&movie, chosen, units, timescale, sample_rate, is_aac);
    let track_id = track.id;
    let positions = channel_positions(&channels);
    let facts = Facts {
        description: Description {
            container: "MP4",
            codec: if is_aac { "AAC-LC" } else { "ALAC" }.into(),
            channels: positions.len(),
            sample_rate,
            frames,
            frames_exact: frames.is_some() && !movie.is_fragmented,
            gapless: is_known,
            seek: seek_kind(source),
            notes,
            channel_positions: positions,
        },
        timescale,
        positions: Positions::Counted,
        origin: start,
        preroll: if is_aac { AAC_PREROLL_FRAMES } else { 0 },
        // The last packet of AAC may be left out of the table by writers that do not flush.
        judge_end: if movie.is_fragmented { judge_last_fragment } else { plain_end },
        frames_tolerance: if is_aac { AAC_PREROLL_FRAMES } else { 0 },
    };
    Ok(PacketStream::new(source, open_reader, reader, track_id, Box::new(decoder), facts))
}

/// Which part of the decoded sound is the piece.
struct Trim {
    /// Frames before it.
    start: i64,
    frames: Option<u64>,
    /// Whether the file says so.
    is_known: bool,
    notes: Vec<String>,
}

/// Reads the edit list, or iTunes' comment.
fn trim(movie: &Movie, track: &Mp4Track, units: Option<u64>, timescale: u32, sample_rate: u32, is_aac: bool) -> Trim {
    let scaled = |units: u64, scale: u32| {
        let frames = (u128::from(units) * u128::from(sample_rate) + u128::from(scale) / 2) / u128::from(scale.max(1));
        u64::try_from(frames).unwrap_or(u64::MAX)
    };
    let total = units.map(|units| scaled(units, timescale));
    let mut notes = Vec::new();
    let edits: Vec<_> = track.edits.iter().filter(|edit| edit.media_time >= 0).collect();
    if edits.len() > 1 {
        notes.push(format!("The MP4 file has {} edits; it is played from the first of them to its end.", edits.len()));
    }
    if let Some(edit) = edits.first().filter(|edit| edit.media_time > 0 || edit.duration > 0 || !is_aac) {
        let start = scaled(edit.media_time.unsigned_abs(), timescale);
        let there = total.map(|total| total.saturating_sub(start));
        let stated = (edit.duration > 0 && edits.len() == 1).then(|| scaled(edit.duration, movie.timescale));
        // The edit's length is rounded to the movie's time scale, often a millisecond: within that the table of
        // samples, which counts frames, is right.
        let rounding = u64::from(sample_rate).div_ceil(u64::from(movie.timescale.max(1)));
        let frames = match (stated, there) {
            (Some(stated), Some(there)) if stated + rounding < there => Some(stated),
            (stated, there) => there.or(stated),
        };
        let frames =
            frames.or_else(|| (movie.fragment_duration > 0).then(|| scaled(movie.fragment_duration, movie.timescale)));
        // A list that starts at 0 does not tell of the delay that AAC always has.
        let is_known = !is_aac || edit.media_time > 0;
        if is_known || movie.itunes_gapless.is_none() {
            if !is_known {
                notes.push(unknown_delay());
            }
            return Trim { start: i64::try_from(start).unwrap_or(0), frames, is_known, notes };
        }
    }
    if let Some((delay, padding, length)) = movie.itunes_gapless.filter(|_| is_aac) {
        let there = total.map(|total| total.saturating_sub(delay.saturating_add(padding)));
        let frames = if length > 0 {
            Some(there.map_or(length, |there| length.min(there.saturating_add(padding))))
        } else {
            there
        };
        return Trim { start: i64::try_from(delay).unwrap_or(0), frames, is_known: true, notes };
    }
    if is_aac {
        notes.push(unknown_delay());
    }
    let frames =
        total.or_else(|| (movie.fragment_duration > 0).then(|| scaled(movie.fragment_duration, movie.timescale)));
    Trim { start: 0, frames, is_known: !is_aac, notes }
}

fn unknown_delay() -> String {
    "The MP4 file does not tell the encoder's delay: the silence that the encoder added is played too.".into()
}
