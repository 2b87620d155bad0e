//! The Vorbis decoder.
//!
//! Lewton, not Symphonia: Symphonia 0.6.1 undoes the channel coupling in the wrong order and mixes up the residue
//! classes of several channels, so that most streams with more than two channels come out as noise.

use lewton::audio::{PreviousWindowRight, read_audio_packet_generic};
use lewton::header::{IdentHeader, SetupHeader, read_header_ident, read_header_setup};
use symphonia::core::packet::Packet;

use crate::CodecError;
use crate::packet_stream::PacketDecoder;
use crate::stream::Planes;
use crate::vorbis_channels::CHANNEL_ORDERS;

/// Length of an identification header (Vorbis I, section 4.2.2).
const IDENTIFICATION_BYTES: usize = 30;

/// Decodes packets of one stream.
pub(crate) struct VorbisDecoder {
    identification: IdentHeader,
    setup: SetupHeader,
    previous: PreviousWindowRight,
    order: &'static [usize],
    names: &'static [&'static str],
}

impl VorbisDecoder {
    /// A decoder for the stream with these headers, one after the other.
    pub(crate) fn new(headers: &[u8]) -> Result<Self, CodecError> {
        let damaged =
            |why: String| CodecError::Corrupt(format!("The headers of the Vorbis stream are damaged: {why}."));
        let (identification, setup) =
            headers.split_at_checked(IDENTIFICATION_BYTES).ok_or_else(|| damaged("they are too short".into()))?;
        let identification = read_header_ident(identification).map_err(|error| damaged(error.to_string()))?;
        let channels = identification.audio_channels;
        let blocks = (identification.blocksize_0, identification.blocksize_1);
        let setup = read_header_setup(setup, channels, blocks).map_err(|error| damaged(error.to_string()))?;
        let (order, names) = CHANNEL_ORDERS.get(usize::from(channels).wrapping_sub(1)).copied().ok_or_else(|| {
            CodecError::UnsupportedCodec(format!("The Vorbis stream has {channels} channels; up to 8 can be decoded."))
        })?;
        Ok(Self { identification, setup, previous: PreviousWindowRight::new(), order, names })
    }

    /// Frames to decode before a target: two long blocks overlap in it, and a third brings frames ahead of its time stamp.
    pub(crate) fn preroll(&self) -> u64 {
        3 << self.identification.blocksize_1 >> 1
    }

    /// Names of the loudspeakers in the order of the planes.
    pub(crate) fn channel_positions(&self) -> &'static [&'static str] {
        self.names
    }
}

impl PacketDecoder for VorbisDecoder {
    fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<u64, String> {
        let decoded: Vec<Vec<f32>> =
            read_audio_packet_generic(&self.identification, &self.setup, &packet.data, &mut self.previous)
                .map_err(|error| error.to_string())?;
        // The first packet after a start gives nothing: it is the past of the second.
        let frames = decoded.first().map_or(0, Vec::len);
        // A packet's time stamp is that of the centre of the block before it. Lewton gives a packet's frames up to the
        // start of its slope, so that a long block before a short one brings frames of the short one with it.
        let lead = packet.block_dur().get().saturating_sub(frames as u64);
        let valid = (packet.trim_start.get() + packet.dur.get()).saturating_sub(lead);
        let end = match packet.trim_end.get() {
            0 => frames,
            _ => frames.min(usize::try_from(valid).unwrap_or(usize::MAX)),
        };
        planes.resize_with(self.order.len(), Vec::new);
        for (plane, &source) in planes.iter_mut().zip(self.order) {
            plane.clear();
            plane.extend_from_slice(decoded.get(source).and_then(|samples| samples.get(..end)).unwrap_or_default());
        }
        Ok(lead)
    }

    fn reset(&mut self) {
        self.previous = PreviousWindowRight::new();
    }
}
