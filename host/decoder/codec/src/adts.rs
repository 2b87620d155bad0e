//! AAC in ADTS.

use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::default::codecs::AacDecoder;

use crate::CodecError;
use crate::mpeg_stream::MpegStream;
use crate::source::Source;

/// Opens an ADTS file.
pub(crate) fn open(source: &Source) -> Result<MpegStream, CodecError> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_AAC);
    MpegStream::open(
        source,
        |parameters| Ok(Box::new(AacDecoder::try_new(parameters, &AudioDecoderOptions::default())?)),
        parameters,
    )
}
