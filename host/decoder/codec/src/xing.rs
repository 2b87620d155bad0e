//! The tag in the first frame of an MP3 file: Xing or Info with LAME's extension, or VBRI.

use crate::mpeg_header::FrameHeader;

/// Delay of every layer III decoder in frames: 528 of the synthesis filter and one more, by the convention of
/// LAME's tag.
const DECODER_DELAY_FRAMES: u32 = 529;

/// What the tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// MPEG frames that follow the tag's own.
    pub mpeg_frames: Option<u32>,
    /// Bytes from the tag's frame to the end of the sound.
    pub bytes: Option<u32>,
    /// At n percent of the time, this many 256ths of the bytes.
    pub table_of_contents: Option<[u8; 100]>,
    /// Frames to drop at the start and at the end of the decoded sound.
    pub gapless: Option<(u32, u32)>,
}

/// Reads the tag in `frame`, the first whole frame of a file, if it holds one instead of sound.
pub(crate) fn parse(header: &FrameHeader, frame: &[u8]) -> Option<Tag> {
    // A checksum does not move the tag.
    parse_xing(frame.get(4 + header.side_bytes..)?).or_else(|| parse_vbri(frame.get(36..)?))
}

fn parse_xing(bytes: &[u8]) -> Option<Tag> {
    if !bytes.starts_with(b"Xing") && !bytes.starts_with(b"Info") {
        return None;
    }
    let flags = be32(bytes, 4)?;
    let mut offset = 8;
    let mut field = |bit: u32, length: usize| {
        let present = flags >> bit & 1 == 1;
        let start = offset;
        offset += if present { length } else { 0 };
        present.then_some(start)
    };
    let (frames, size, table, _quality) = (field(0, 4), field(1, 4), field(2, 100), field(3, 4));
    let table_of_contents = table.and_then(|start| bytes.get(start..start + 100)?.try_into().ok());
    Some(Tag {
        mpeg_frames: frames.and_then(|start| be32(bytes, start)).filter(|&frames| frames > 0),
        bytes: size.and_then(|start| be32(bytes, start)).filter(|&size| size > 0),
        table_of_contents,
        gapless: bytes.get(offset..).and_then(parse_lame),
    })
}

/// LAME's extension: nine characters of the encoder's name; 21 bytes from its start twice twelve bits, delay and
/// padding. Only these encoders are known to fill them in.
fn parse_lame(bytes: &[u8]) -> Option<(u32, u32)> {
    if ![&b"LAME"[..], b"Lavf", b"Lavc"].iter().any(|name| bytes.starts_with(name)) {
        return None;
    }
    let packed = be32(bytes, 20)? & 0x00ff_ffff;
    let (delay, padding) = (packed >> 12, packed & 0xfff);
    Some((delay + DECODER_DELAY_FRAMES, padding.saturating_sub(DECODER_DELAY_FRAMES)))
}

/// Fraunhofer's tag: version, delay, quality (16 bits each), bytes and frames (32 bits each).
fn parse_vbri(bytes: &[u8]) -> Option<Tag> {
    if !bytes.starts_with(b"VBRI") {
        return None;
    }
    Some(Tag {
        mpeg_frames: be32(bytes, 14).filter(|&frames| frames > 0),
        bytes: be32(bytes, 10),
        table_of_contents: None,
        gapless: None,
    })
}

fn be32(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(offset..offset + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields_of_a_lame_tag_are_read() {
        let mut bytes = b"Xing\0\0\0\x0f".to_vec();
        bytes.extend_from_slice(&1234u32.to_be_bytes());
        bytes.extend_from_slice(&567_890u32.to_be_bytes());
        bytes.extend(0..100);
        bytes.extend_from_slice(&[0, 0, 0, 50]);
        bytes.extend_from_slice(b"LAME3.100");
        bytes.resize(bytes.len() + 12, 0);
        bytes.extend_from_slice(&[0x24, 0x05, 0xdc]);
        let tag = parse_xing(&bytes).unwrap();
        assert_eq!((tag.mpeg_frames, tag.bytes), (Some(1234), Some(567_890)));
        assert_eq!(tag.table_of_contents.unwrap()[99], 99);
        assert_eq!(tag.gapless, Some((576 + 529, 1500 - 529)));
    }

    #[test]
    fn a_tag_without_extension_tells_no_delay() {
        let tag = parse_xing(b"Info\0\0\0\x01\0\0\0\x05").unwrap();
        assert_eq!((tag.mpeg_frames, tag.gapless), (Some(5), None));
        assert_eq!(parse_xing(b"Abcd\0\0\0\x01\0\0\0\x05"), None);
    }
}
