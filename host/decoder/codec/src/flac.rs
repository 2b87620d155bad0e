//! FLAC in its own container (RFC 9639).

use std::io;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

use crate::media_source::media_source_stream;
use crate::packet_stream::{
    Facts, PacketStream, Positions, channel_positions, find_track, open_error, plain_end, seek_kind,
};
use crate::source::Source;
use crate::{CodecError, Description};

/// Metadata blocks looked at before the file is given up.
const MAXIMUM_BLOCKS: usize = 1000;
const STREAM_INFO: u8 = 0;
const PADDING: u8 = 1;
const SEEK_TABLE: u8 = 3;

fn open_reader(stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    Ok(Box::new(FlacReader::try_new(stream, FormatOptions::default())?))
}

/// Opens a FLAC file.
pub(crate) fn open(source: &Source) -> Result<PacketStream, CodecError> {
    let first_frame = hide_metadata(source)?;
    let reader = open_reader(media_source_stream(source)).map_err(|error| match &error {
        // The metadata are complete: frames are missing, or are no frames.
        Error::IoError(cause) if cause.kind() == io::ErrorKind::UnexpectedEof && source.fault().is_none() => {
            match source.byte_length() {
                Some(length) if length > first_frame + 16 => CodecError::Corrupt(format!(
                    "No FLAC frame was found in the {} bytes behind the headers.",
                    length - first_frame
                )),
                _ => open_error(source, "FLAC", &error),
            }
        }
        error => open_error(source, "FLAC", error),
    })?;
    if let Some(fault) = source.fault_error() {
        return Err(fault);
    }
    let Some((track, parameters)) = find_track(reader.as_ref(), |_, _| true) else {
        return Err(CodecError::Corrupt("The FLAC file has no stream information.".into()));
    };
    let decoder: Box<dyn AudioDecoder> = Box::new(
        FlacDecoder::try_new(parameters, &AudioDecoderOptions::default())
            .map_err(|error| CodecError::UnsupportedCodec(format!("The FLAC decoder refuses the stream: {error}.")))?,
    );
    let positions = parameters.channels.as_ref().map(channel_positions).unwrap_or_default();
    let sample_rate = parameters.sample_rate.unwrap_or(0);
    if sample_rate == 0 {
        return Err(CodecError::Corrupt("The FLAC stream information states a sample rate of 0 Hz.".into()));
    }
    let (track_id, frames) = (track.id, track.num_frames);
    let description = Description {
        container: "FLAC",
        codec: "FLAC".into(),
        channels: positions.len(),
        sample_rate,
        frames,
        frames_exact: frames.is_some(),
        gapless: true,
        seek: seek_kind(source),
        notes: Vec::new(),
        channel_positions: positions,
    };
    let facts = Facts {
        description,
        timescale: sample_rate,
        positions: Positions::Stamped,
        origin: 0,
        preroll: 0,
        frames_tolerance: 0,
        judge_end: plain_end,
    };
    Ok(PacketStream::new(source, open_reader, reader, track_id, Box::new(decoder), facts))
}

/// Shows all metadata but those needed as padding, so that pictures are not fetched; the result is the offset
/// behind them.
fn hide_metadata(source: &Source) -> Result<u64, CodecError> {
    let mut offset = 4;
    for _ in 0..MAXIMUM_BLOCKS {
        let Some(header) = source.read_exact(offset, 4)? else {
            return Err(CodecError::Truncated("The FLAC file ends inside its metadata.".into()));
        };
        let (last, kind) = (header[0] & 0x80, header[0] & 0x7f);
        let end = offset + 4 + u64::from(u32::from_be_bytes([0, header[1], header[2], header[3]]));
        if kind != STREAM_INFO && kind != SEEK_TABLE {
            source.overlay(offset, end, &[last | PADDING, header[1], header[2], header[3]]);
        }
        if last != 0 {
            return Ok(end);
        }
        offset = end;
    }
    Err(CodecError::Corrupt(format!("The FLAC file has more than {MAXIMUM_BLOCKS} metadata blocks.")))
}
