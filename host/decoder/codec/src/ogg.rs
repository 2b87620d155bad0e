//! Vorbis and FLAC in Ogg (RFC 3533).

use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::OggReader;

use crate::media_source::media_source_stream;
use crate::ogg_end::hide_cut_page;
use crate::packet_stream::{
    Facts, PacketDecoder, PacketStream, Positions, channel_positions, find_track, open_error, plain_end, seek_kind,
};
use crate::source::Source;
use crate::vorbis::VorbisDecoder;
use crate::{CodecError, Description};

fn open_reader(stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    Ok(Box::new(OggReader::try_new(stream, FormatOptions::default())?))
}

/// Opens an Ogg file with Vorbis or FLAC in it.
pub(crate) fn open(source: &Source) -> Result<PacketStream, CodecError> {
    hide_cut_page(source)?;
    let reader = open_reader(media_source_stream(source)).map_err(|error| open_error(source, "Ogg", &error))?;
    if let Some(fault) = source.fault_error() {
        return Err(fault);
    }
    let known = [CODEC_ID_VORBIS, CODEC_ID_FLAC];
    let Some((track, parameters)) = find_track(reader.as_ref(), |_, parameters| known.contains(&parameters.codec))
    else {
        return Err(CodecError::UnsupportedCodec("The Ogg file has no Vorbis and no FLAC stream.".into()));
    };
    let is_vorbis = parameters.codec == CODEC_ID_VORBIS;
    let (decoder, positions, preroll): (Box<dyn PacketDecoder>, _, _) = if is_vorbis {
        let decoder = VorbisDecoder::new(parameters.extra_data.as_deref().unwrap_or_default())?;
        let positions = decoder.channel_positions().to_vec();
        let preroll = decoder.preroll();
        (Box::new(decoder), positions, preroll)
    } else {
        let decoder = FlacDecoder::try_new(parameters, &AudioDecoderOptions::default())
            .map_err(|error| CodecError::UnsupportedCodec(format!("The FLAC decoder refuses the stream: {error}.")))?;
        let decoder: Box<dyn AudioDecoder> = Box::new(decoder);
        (Box::new(decoder), parameters.channels.as_ref().map(channel_positions).unwrap_or_default(), 0)
    };
    let sample_rate = parameters.sample_rate.filter(|&rate| rate > 0);
    let sample_rate = sample_rate.ok_or_else(|| CodecError::Corrupt("The Ogg stream states no sample rate.".into()))?;
    let origin = track.start_ts.get().max(0);
    let frames = track.num_frames.map(|frames| frames.saturating_sub(origin.unsigned_abs()));
    let track_id = track.id;
    let facts = Facts {
        description: Description {
            container: "Ogg",
            codec: if is_vorbis { "Vorbis" } else { "FLAC" }.into(),
            channels: positions.len(),
            sample_rate,
            frames,
            frames_exact: frames.is_some(),
            gapless: true,
            seek: seek_kind(source),
            notes: Vec::new(),
            channel_positions: positions,
        },
        timescale: sample_rate,
        positions: Positions::Stamped,
        origin,
        preroll,
        frames_tolerance: 0,
        judge_end: plain_end,
    };
    Ok(PacketStream::new(source, open_reader, reader, track_id, decoder, facts))
}
