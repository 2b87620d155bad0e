//! MP3: MPEG audio layer III.

use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::default::codecs::MpaDecoder;

use crate::CodecError;
use crate::mpeg_stream::MpegStream;
use crate::source::Source;

/// Opens an MP3 file.
pub(crate) fn open(source: &Source) -> Result<MpegStream, CodecError> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_MP3);
    MpegStream::open(
        source,
        |parameters| Ok(Box::new(MpaDecoder::try_new(parameters, &AudioDecoderOptions::default().gapless(false))?)),
        parameters,
    )
}
