//! Opus in Ogg (RFC 6716, RFC 7845).

use ropus::{OpusDecoder, OpusMSDecoder};
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::default::formats::OggReader;

use crate::media_source::media_source_stream;
use crate::ogg_end::hide_cut_page;
use crate::packet_stream::{
    Facts, PacketDecoder, PacketStream, Positions, find_track, open_error, plain_end, seek_kind,
};
use crate::source::Source;
use crate::stream::Planes;
use crate::vorbis_channels::CHANNEL_ORDERS;
use crate::{CodecError, Description};

/// Opus is always decoded at this rate.
const SAMPLE_RATE: u32 = 48_000;
/// 120 ms, the longest packet.
const MAXIMUM_PACKET_FRAMES: usize = 5760;
/// 1 s. RFC 7845, section 4.6, asks for 80 ms at least. But voiced speech in SILK, whose pitch prediction goes on from
/// period to period, can be only 10 dB near the linear decode after 320 ms; after 1 s CELT was bit-exact and SILK
/// above 35 dB. Costs some 7 ms.
const PREROLL_FRAMES: u64 = 48_000;

/// The identification header.
#[derive(Clone, Debug)]
struct Head {
    channels: usize,
    pre_skip: u16,
    /// Factor of the output gain.
    gain: f32,
    /// Streams, coupled streams and the stream channel of each output channel; `None` for one stream.
    mapping: Option<Mapping>,
}

/// The channel mapping table (RFC 7845, section 5.1.1).
#[derive(Clone, Debug)]
struct Mapping {
    streams: u8,
    coupled_streams: u8,
    /// Stream channel of each output channel; 255 is silence.
    channels: Vec<u8>,
}

fn open_reader(stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    Ok(Box::new(OggReader::try_new(stream, FormatOptions::default())?))
}

/// Opens an Ogg file with Opus in it.
pub(crate) fn open(source: &Source) -> Result<PacketStream, CodecError> {
    hide_cut_page(source)?;
    let reader = open_reader(media_source_stream(source)).map_err(|error| open_error(source, "Ogg", &error))?;
    if let Some(fault) = source.fault_error() {
        return Err(fault);
    }
    let Some((track, parameters)) = find_track(reader.as_ref(), |_, parameters| parameters.codec == CODEC_ID_OPUS)
    else {
        return Err(CodecError::UnsupportedCodec("The Ogg file has no Opus stream.".into()));
    };
    let head = parse_head(parameters.extra_data.as_deref().unwrap_or_default())?;
    let (order, names) = CHANNEL_ORDERS[head.channels - 1];
    let origin = track.start_ts.get().max(0) + i64::from(head.pre_skip);
    let frames = track.num_frames.map(|frames| frames.saturating_sub(origin.unsigned_abs()));
    let track_id = track.id;
    let decoder = Decoder { decoders: Decoders::new(&head)?, head, order, interleaved: Vec::new() };
    let facts = Facts {
        description: Description {
            container: "Ogg",
            codec: "Opus".into(),
            channels: names.len(),
            sample_rate: SAMPLE_RATE,
            frames,
            frames_exact: frames.is_some(),
            gapless: true,
            seek: seek_kind(source),
            notes: Vec::new(),
            channel_positions: names.to_vec(),
        },
        timescale: SAMPLE_RATE,
        positions: Positions::Stamped,
        origin,
        preroll: PREROLL_FRAMES,
        frames_tolerance: 0,
        judge_end: plain_end,
    };
    Ok(PacketStream::new(source, open_reader, reader, track_id, Box::new(decoder), facts))
}

/// RFC 7845, section 5.1.
fn parse_head(bytes: &[u8]) -> Result<Head, CodecError> {
    if bytes.len() < 19 || !bytes.starts_with(b"OpusHead") {
        return Err(CodecError::Corrupt("The Opus identification header is damaged.".into()));
    }
    let channels = usize::from(bytes[9]);
    let family = bytes[18];
    let most = if family == 0 { 2 } else { CHANNEL_ORDERS.len() };
    if family > 1 || !(1..=most).contains(&channels) {
        return Err(CodecError::UnsupportedCodec(format!(
            "The Opus stream has {channels} channels in mapping family {family}; families 0 and 1 with up to 8 can be decoded."
        )));
    }
    let mapping = if family == 0 {
        None
    } else {
        let mapping = bytes.get(19..21 + channels).map(|table| Mapping {
            streams: table[0],
            coupled_streams: table[1],
            channels: table[2..].to_vec(),
        });
        let is_sound = |mapping: &Mapping| {
            let decoded = u32::from(mapping.streams) + u32::from(mapping.coupled_streams);
            mapping.streams > 0
                && mapping.coupled_streams <= mapping.streams
                && mapping.channels.iter().all(|&channel| channel == 255 || u32::from(channel) < decoded)
        };
        let mapping = mapping.filter(is_sound);
        Some(mapping.ok_or_else(|| CodecError::Corrupt("The channel mapping of the Opus stream is damaged.".into()))?)
    };
    let gain_db = f32::from(i16::from_le_bytes([bytes[16], bytes[17]])) / 256.0;
    Ok(Head {
        channels,
        pre_skip: u16::from_le_bytes([bytes[10], bytes[11]]),
        gain: 10f32.powf(gain_db / 20.0),
        mapping,
    })
}

/// One decoder, or one per elementary stream.
enum Decoders {
    Single(Box<OpusDecoder>),
    Multiple(Box<OpusMSDecoder>),
}

impl Decoders {
    fn new(head: &Head) -> Result<Self, CodecError> {
        let rate = SAMPLE_RATE.cast_signed();
        let channels = i32::try_from(head.channels).unwrap_or(0);
        let decoders = match &head.mapping {
            None => OpusDecoder::new(rate, channels).map(|decoder| Self::Single(Box::new(decoder))),
            Some(Mapping { streams, coupled_streams, channels: mapping }) => {
                OpusMSDecoder::new(rate, channels, (*streams).into(), (*coupled_streams).into(), mapping)
                    .map(|decoder| Self::Multiple(Box::new(decoder)))
            }
        };
        decoders.map_err(|code| {
            CodecError::UnsupportedCodec(format!("The Opus decoder refuses the stream (libopus error {code})."))
        })
    }
}

struct Decoder {
    decoders: Decoders,
    head: Head,
    order: &'static [usize],
    interleaved: Vec<i16>,
}

impl PacketDecoder for Decoder {
    fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<u64, String> {
        let channels = self.head.channels;
        self.interleaved.resize(MAXIMUM_PACKET_FRAMES * channels, 0);
        if packet.data.is_empty() {
            return Err("an Opus packet is empty".into());
        }
        let most = MAXIMUM_PACKET_FRAMES.cast_signed().try_into().unwrap_or(0);
        let length = i32::try_from(packet.data.len()).unwrap_or(i32::MAX);
        let pcm = &mut self.interleaved;
        let decoded = match &mut self.decoders {
            Decoders::Single(decoder) => decoder.decode(Some(&packet.data), pcm, most, false),
            Decoders::Multiple(decoder) => decoder.decode(Some(&packet.data), length, pcm, most, false),
        };
        let frames = decoded.map_err(|code| format!("an Opus packet cannot be decoded (libopus error {code})"))?;
        let frames = usize::try_from(frames).unwrap_or(0).min(MAXIMUM_PACKET_FRAMES);
        let kept = frames.saturating_sub(usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX));
        let scale = self.head.gain / 32_768.0;
        planes.resize_with(channels, Vec::new);
        for (plane, &source) in planes.iter_mut().zip(self.order) {
            plane.clear();
            plane.extend(
                self.interleaved.chunks_exact(channels).take(kept).map(|frame| f32::from(frame[source]) * scale),
            );
        }
        Ok(0)
    }

    fn reset(&mut self) {
        match &mut self.decoders {
            Decoders::Single(decoder) => decoder.reset(),
            Decoders::Multiple(decoder) => decoder.reset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(channels: u8, gain: i16, family: u8, table: &[u8]) -> Vec<u8> {
        let mut bytes = b"OpusHead\x01".to_vec();
        bytes.push(channels);
        bytes.extend_from_slice(&312u16.to_le_bytes());
        bytes.extend_from_slice(&44_100u32.to_le_bytes());
        bytes.extend_from_slice(&gain.to_le_bytes());
        bytes.push(family);
        bytes.extend_from_slice(table);
        bytes
    }

    #[test]
    fn gain_is_in_256ths_of_a_decibel() {
        let parsed = parse_head(&head(2, -6 * 256, 0, &[])).unwrap();
        assert!((parsed.gain - 0.501_187).abs() < 1e-5);
        assert_eq!((parsed.channels, parsed.pre_skip), (2, 312));
    }

    #[test]
    fn mappings_that_point_nowhere_are_refused() {
        assert!(parse_head(&head(6, 0, 1, &[4, 2, 0, 4, 1, 2, 3, 5])).is_ok());
        for table in [&[4, 2, 0, 4, 1, 2, 3, 6][..], &[0, 0, 0, 0, 0, 0, 0, 0], &[2, 3, 0, 1, 2, 3, 4, 0], &[4, 2]] {
            assert!(matches!(parse_head(&head(6, 0, 1, table)), Err(CodecError::Corrupt(_))), "{table:?}");
        }
        assert!(matches!(parse_head(&head(3, 0, 0, &[])), Err(CodecError::UnsupportedCodec(_))));
        assert!(matches!(parse_head(&head(2, 0, 255, &[])), Err(CodecError::UnsupportedCodec(_))));
    }
}
