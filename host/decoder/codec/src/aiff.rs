//! AIFF and AIFF-C headers (Apple, Audio Interchange File Format 1.3 and AIFF-C).

use crate::CodecError;
use crate::pcm::{Layout, PcmStream, SampleCoding};
use crate::source::Source;

/// Chunks looked at before the file is given up.
const MAXIMUM_CHUNKS: usize = 1000;

struct Common {
    coding: SampleCoding,
    is_big_endian: bool,
    channels: usize,
    sample_rate: u32,
    frames: u64,
}

/// Opens an AIFF file.
pub(crate) fn open(source: &Source) -> Result<PcmStream, CodecError> {
    let mut common: Option<Common> = None;
    let mut data: Option<u64> = None;
    let mut offset = 12;
    // The common chunk may come after the sound.
    for _ in 0..MAXIMUM_CHUNKS {
        let Some(header) = source.read_exact(offset, 8)? else {
            break;
        };
        let bytes = u64::from(be32(&header, 4));
        let body = offset + 8;
        match &header[..4] {
            b"COMM" => {
                let length = usize::try_from(bytes).unwrap_or(0).min(22);
                let chunk = source.read_exact(body, length)?.ok_or_else(cut_in_header)?;
                common = Some(parse_common(&chunk)?);
            }
            b"SSND" => {
                let chunk = source.read_exact(body, 8)?.ok_or_else(cut_in_header)?;
                data = Some(body + 8 + u64::from(be32(&chunk, 0)));
            }
            _ => {}
        }
        if common.is_some() && data.is_some() {
            break;
        }
        offset = body + bytes + (bytes & 1);
    }
    match (common, data) {
        (Some(common), Some(start)) => PcmStream::new(
            source,
            Layout {
                container: "AIFF",
                coding: common.coding,
                is_big_endian: common.is_big_endian,
                channels: common.channels,
                sample_rate: common.sample_rate,
                channel_mask: 0,
                start,
                declared_frames: Some(common.frames),
            },
        ),
        (Some(common), None) if common.frames > 0 => Err(cut_in_header()),
        (None, Some(_)) => Err(cut_in_header()),
        _ => Err(CodecError::Corrupt("The AIFF file has no sound chunk.".into())),
    }
}

fn parse_common(chunk: &[u8]) -> Result<Common, CodecError> {
    if chunk.len() < 18 {
        return Err(CodecError::Corrupt(format!(
            "The AIFF common chunk has {} bytes, at least 18 are needed.",
            chunk.len()
        )));
    }
    let bits = usize::from(u16::from_be_bytes([chunk[6], chunk[7]]));
    let bytes = bits.div_ceil(8);
    let kind = chunk.get(18..22).unwrap_or(b"NONE");
    let integer = SampleCoding::Signed { bytes };
    let (coding, is_big_endian) = match (kind, bytes) {
        (b"NONE" | b"twos", 1..=4) => (integer, true),
        (b"sowt", 1..=4) => (integer, false),
        (b"in24", _) => (SampleCoding::Signed { bytes: 3 }, true),
        (b"in32", _) => (SampleCoding::Signed { bytes: 4 }, true),
        (b"raw ", 1) => (SampleCoding::Unsigned8, true),
        (b"fl32" | b"FL32", _) => (SampleCoding::Float32, true),
        (b"fl64" | b"FL64", _) => (SampleCoding::Float64, true),
        _ => {
            return Err(CodecError::UnsupportedCodec(format!(
                "The AIFF file holds '{}' with {bits} bits, not PCM.",
                String::from_utf8_lossy(kind)
            )));
        }
    };
    Ok(Common {
        coding,
        is_big_endian,
        channels: usize::from(u16::from_be_bytes([chunk[0], chunk[1]])),
        sample_rate: extended_to_hz(&chunk[8..18]),
        frames: u64::from(be32(chunk, 2)),
    })
}

/// An IEEE 754 number of 80 bits: sign and exponent (biased by 16383), then 64 bits of mantissa.
fn extended_to_hz(bytes: &[u8]) -> u32 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]]) & 0x7fff) - 16_383;
    let mantissa = u64::from(be32(bytes, 2)) << 32 | u64::from(be32(bytes, 6));
    if !(0..32).contains(&exponent) {
        return 0;
    }
    let doubled = mantissa >> (62 - exponent);
    u32::try_from(doubled.div_ceil(2)).unwrap_or(0)
}

fn cut_in_header() -> CodecError {
    CodecError::Truncated("The AIFF file ends before its sound starts.".into())
}

fn be32(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_rates_of_eighty_bits() {
        assert_eq!(extended_to_hz(&[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(extended_to_hz(&[0x40, 0x0e, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]), 48_000);
        assert_eq!(extended_to_hz(&[0x40, 0x0f, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]), 96_000);
        assert_eq!(extended_to_hz(&[0; 10]), 0);
    }
}
