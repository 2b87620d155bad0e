//! WAV, RF64 and BW64 headers (Microsoft's RIFF specification, EBU Tech 3306).

use crate::CodecError;
use crate::pcm::{Layout, PcmStream, SampleCoding};
use crate::source::Source;

/// Chunks looked at before the file is given up.
const MAXIMUM_CHUNKS: usize = 1000;
/// Writers that cannot go back to the header leave the size at 0 or at (nearly) the largest value that they know.
const STREAMED_SIZES: [std::ops::RangeInclusive<u64>; 2] = [0x7fff_0000..=0x7fff_ffff, 0xffff_0000..=0xffff_ffff];

struct Format {
    coding: SampleCoding,
    channels: usize,
    sample_rate: u32,
    channel_mask: u32,
}

/// Opens a WAV file.
pub(crate) fn open(source: &Source) -> Result<PcmStream, CodecError> {
    let container = match source.read_exact(0, 4)?.as_deref() {
        Some(b"RIFF") => "WAV",
        _ => "RF64",
    };
    let mut format = None;
    let mut long_data_bytes = None;
    let mut offset = 12;
    for _ in 0..MAXIMUM_CHUNKS {
        let Some(header) = source.read_exact(offset, 8)? else {
            break;
        };
        let bytes = u64::from(le32(&header, 4));
        let body = offset + 8;
        match &header[..4] {
            b"fmt " => {
                let length = usize::try_from(bytes).unwrap_or(0).min(40);
                let chunk = source.read_exact(body, length)?.ok_or_else(cut_in_header)?;
                format = Some(parse_format(&chunk)?);
            }
            b"ds64" => {
                let chunk = source.read_exact(body, 16)?.ok_or_else(cut_in_header)?;
                long_data_bytes = Some(u64::from(le32(&chunk, 8)) | u64::from(le32(&chunk, 12)) << 32);
            }
            b"data" => {
                let Some(Format { coding, channels, sample_rate, channel_mask }) = format else {
                    return Err(CodecError::Corrupt("The WAV file has its data before its format.".into()));
                };
                let data_bytes = declared_bytes(source, body, bytes, long_data_bytes)?;
                let frame_bytes = (channels * coding.bytes()).max(1) as u64;
                let layout = Layout {
                    container,
                    coding,
                    is_big_endian: false,
                    channels,
                    sample_rate,
                    channel_mask,
                    start: body,
                    declared_frames: data_bytes.map(|bytes| bytes / frame_bytes),
                };
                return PcmStream::new(source, layout);
            }
            _ => {}
        }
        // Chunks are padded to an even length.
        offset = body + bytes + (bytes & 1);
    }
    Err(if format.is_some() {
        cut_in_header()
    } else {
        CodecError::Corrupt("The WAV file has no format chunk.".into())
    })
}

/// Bytes of sound that the header promises, `None` if it only means "to the end".
fn declared_bytes(source: &Source, body: u64, bytes: u64, long: Option<u64>) -> Result<Option<u64>, CodecError> {
    if bytes == 0xffff_ffff {
        return Ok(long);
    }
    let rest = source.byte_length().map(|length| length.saturating_sub(body));
    let is_beyond_end = rest.is_none_or(|rest| bytes > rest);
    if is_beyond_end && STREAMED_SIZES.iter().any(|sizes| sizes.contains(&bytes)) {
        return Ok(None);
    }
    if bytes == 0 {
        // Either there is no sound, and another chunk or the end follows, or the header was never completed.
        let is_empty = match source.read_exact(body, 8)? {
            None => true,
            Some(next) => {
                let is_name = next[..4].iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
                is_name && rest.is_some_and(|rest| u64::from(le32(&next, 4)) + 8 <= rest)
            }
        };
        return Ok(is_empty.then_some(0));
    }
    Ok(Some(bytes))
}

fn parse_format(chunk: &[u8]) -> Result<Format, CodecError> {
    if chunk.len() < 16 {
        return Err(CodecError::Corrupt(format!(
            "The WAV format chunk has {} bytes, at least 16 are needed.",
            chunk.len()
        )));
    }
    let mut tag = le16(chunk, 0);
    let channels = usize::from(le16(chunk, 2));
    let frame_bytes = usize::from(le16(chunk, 12));
    let bits = usize::from(le16(chunk, 14));
    let mut channel_mask = 0;
    if tag == 0xfffe && chunk.len() >= 40 {
        channel_mask = le32(chunk, 20);
        // The first two bytes of the sub-format's GUID are the tag that it stands for.
        tag = le16(chunk, 24);
    }
    let bytes =
        frame_bytes.checked_div(channels).filter(|&bytes| bytes > 0 && bytes * 8 >= bits).unwrap_or(bits.div_ceil(8));
    let coding = match (tag, bytes) {
        (1, 1) => SampleCoding::Unsigned8,
        (1, 2..=4) => SampleCoding::Signed { bytes },
        (3, 4) => SampleCoding::Float32,
        (3, 8) => SampleCoding::Float64,
        (1 | 3, _) => {
            return Err(CodecError::UnsupportedCodec(format!(
                "The WAV file has samples of {bits} bits in {bytes} bytes."
            )));
        }
        _ => {
            return Err(CodecError::UnsupportedCodec(format!(
                "The WAV file holds the compressed format 0x{tag:04x}, not PCM."
            )));
        }
    };
    Ok(Format { coding, channels, sample_rate: le32(chunk, 4), channel_mask })
}

fn cut_in_header() -> CodecError {
    CodecError::Truncated("The WAV file ends before its sound starts.".into())
}

fn le16(bytes: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes([bytes[offset], bytes[offset + 1]])
}

fn le32(bytes: &[u8], offset: usize) -> u32 {
    u32::from(le16(bytes, offset)) | u32::from(le16(bytes, offset + 2)) << 16
}
