//! Which family a file belongs to, by its first bytes; and by its name, until they have come.

use crate::mpeg_header::{self, Framing};

/// A family of formats, and so a codec module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// WAV, RF64, AIFF, AIFF-C and FLAC.
    Pcm,
    /// MPEG audio layer III.
    Mp3,
    /// Vorbis or FLAC in Ogg.
    Ogg,
    /// AAC or ALAC in MP4, AAC in ADTS.
    Mp4,
    /// Opus in Ogg.
    Opus,
}

impl Family {
    /// File name of the module, without directory.
    #[must_use]
    pub const fn module_name(self) -> &'static str {
        match self {
            Self::Pcm => "codec-pcm.wasm",
            Self::Mp3 => "codec-mp3.wasm",
            Self::Ogg => "codec-ogg.wasm",
            Self::Mp4 => "codec-mp4.wasm",
            Self::Opus => "codec-opus.wasm",
        }
    }

    /// The family that the end of a file's name or address promises, so that its module can be on its way before the file's first byte has
    /// come. What the file really is only [`identify`] can say.
    #[must_use]
    pub fn promised(name: &str) -> Option<Self> {
        let path = name.split(['?', '#']).next()?;
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "wav" | "wave" | "aif" | "aiff" | "aifc" | "flac" => Some(Self::Pcm),
            "mp3" => Some(Self::Mp3),
            "ogg" | "oga" => Some(Self::Ogg),
            "mp4" | "m4a" | "aac" => Some(Self::Mp4),
            "opus" => Some(Self::Opus),
            _ => None,
        }
    }
}

/// Bytes of a file that [`identify`] should be given, if there are as many after an ID3 tag.
pub const IDENTIFY_BYTES: usize = 64 * 1024;

/// Length in bytes of the ID3v2 tags at the start of `bytes`, 0 without one.
///
/// The result may be larger than `bytes`: a tag with pictures easily is. Then [`identify`] must be given the bytes
/// that follow the tag.
#[must_use]
pub fn id3v2_length(bytes: &[u8]) -> u64 {
    let mut total = 0;
    loop {
        let rest = usize::try_from(total).ok().and_then(|start| bytes.get(start..));
        match rest.and_then(one_id3v2_length) {
            Some(length) => total += length,
            None => return total,
        }
    }
}

/// ID3v2.4, section 3.1: `ID3`, two bytes of version, flags, four bytes of seven bits.
fn one_id3v2_length(bytes: &[u8]) -> Option<u64> {
    let header = bytes.get(..10)?;
    if &header[..3] != b"ID3" || header[3] == 0xff || header[4] == 0xff || header[6..10].iter().any(|b| b & 0x80 != 0) {
        return None;
    }
    let body = header[6..10].iter().fold(0, |sum, &b| sum << 7 | u64::from(b));
    let footer = if header[5] & 0x10 != 0 { 10 } else { 0 };
    Some(10 + body + footer)
}

/// Names the family of the file that starts with `bytes`, or none of those we know.
///
/// ID3v2 tags are skipped. For a tag longer than `bytes` nothing can be said: give the bytes after it
/// ([`id3v2_length`]).
#[must_use]
pub fn identify(bytes: &[u8]) -> Option<Family> {
    let start = usize::try_from(id3v2_length(bytes)).ok()?;
    let bytes = bytes.get(start..)?;
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..offset + magic.len()) == Some(magic);
    let is_riff = at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64");
    let is_aiff = at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC"));
    if (is_riff && at(8, b"WAVE")) || is_aiff || at(0, b"fLaC") {
        return Some(Family::Pcm);
    }
    if at(0, b"OggS") {
        return identify_ogg(bytes);
    }
    if at(4, b"ftyp") {
        return Some(Family::Mp4);
    }
    identify_mpeg(bytes)
}

/// RFC 3533, section 6: the first packet of a stream alone fills its first page; the first pages of all
/// streams come before any other.
fn identify_ogg(mut bytes: &[u8]) -> Option<Family> {
    while bytes.starts_with(b"OggS") {
        let segments = usize::from(*bytes.get(26)?);
        let lengths = bytes.get(27..27 + segments)?;
        let body: usize = lengths.iter().map(|&length| usize::from(length)).sum();
        let page = 27 + segments;
        let packet = bytes.get(page..)?;
        if packet.starts_with(b"OpusHead") {
            return Some(Family::Opus);
        }
        if packet.starts_with(b"\x01vorbis") || packet.starts_with(b"\x7fFLAC") {
            return Some(Family::Ogg);
        }
        bytes = bytes.get(page + body..)?;
    }
    None
}

/// How far behind the start, in bytes, a first MPEG frame is looked for: encoders and cutters leave zeros or
/// the remains of a frame there.
const MPEG_SEARCH_BYTES: usize = 16 * 1024;

fn identify_mpeg(bytes: &[u8]) -> Option<Family> {
    let end = bytes.len().min(MPEG_SEARCH_BYTES);
    // A file of a single frame, cut or not, has its header at the very start.
    let lone = mpeg_header::parse(bytes).filter(|header| header.frame_bytes + mpeg_header::HEADER_BYTES > bytes.len());
    let header = lone.or_else(|| match mpeg_header::find(&bytes[..end], true, false, None) {
        mpeg_header::Found::Frame { header, .. } => Some(header),
        _ => None,
    })?;
    Some(match header.framing {
        Framing::Layer3 => Family::Mp3,
        Framing::Adts => Family::Mp4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ogg_page(packet: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\x02".to_vec();
        page.resize(26, 0);
        page.push(1);
        page.push(u8::try_from(packet.len()).unwrap());
        page.extend_from_slice(packet);
        page
    }

    /// 128 kbit/s at 44.1 kHz without padding is 417 bytes.
    fn mp3_frames(count: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x44];
        frame.resize(417, 0);
        frame.repeat(count)
    }

    fn adts_frames(count: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc];
        frame.resize(16, 0);
        frame.repeat(count)
    }

    fn with_id3(bytes: &[u8]) -> Vec<u8> {
        let mut tagged = b"ID3\x04\0\0\0\0\x01\x00".to_vec();
        tagged.resize(10 + 128, 0);
        tagged.extend_from_slice(bytes);
        tagged
    }

    #[test]
    fn every_family_is_known_with_and_without_a_tag() {
        let cases: [(Vec<u8>, Family); 10] = [
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Family::Pcm),
            (b"RF64\xff\xff\xff\xffWAVEds64".to_vec(), Family::Pcm),
            (b"FORM\0\0\0\0AIFFCOMM".to_vec(), Family::Pcm),
            (b"FORM\0\0\0\0AIFCFVER".to_vec(), Family::Pcm),
            (b"fLaC\0\0\0\x22".to_vec(), Family::Pcm),
            (ogg_page(b"\x01vorbis"), Family::Ogg),
            (ogg_page(b"OpusHead"), Family::Opus),
            (b"\0\0\0\x1cftypM4A ".to_vec(), Family::Mp4),
            (mp3_frames(2), Family::Mp3),
            (adts_frames(2), Family::Mp4),
        ];
        for (bytes, family) in cases {
            assert_eq!(identify(&bytes), Some(family), "{:?}", &bytes[..8]);
            assert_eq!(identify(&with_id3(&bytes)), Some(family), "tagged {:?}", &bytes[..8]);
        }
    }

    #[test]
    fn a_name_promises_a_family() {
        for (name, family) in [
            ("track.flac", Some(Family::Pcm)),
            ("https://host.example/music/A.B.WAV?from=1.mp3#t=2", Some(Family::Pcm)),
            ("http://host.example/stream.mp3", Some(Family::Mp3)),
            ("a.oga", Some(Family::Ogg)),
            ("a.m4a", Some(Family::Mp4)),
            ("a.opus", Some(Family::Opus)),
            ("flac", None),
            ("blob:https://host.example/5c1d", None),
            ("", None),
        ] {
            assert_eq!(Family::promised(name), family, "{name}");
        }
    }

    #[test]
    fn a_skeleton_before_the_opus_stream_is_skipped() {
        let mut bytes = ogg_page(b"fishead\0");
        bytes.extend(ogg_page(b"OpusHead"));
        assert_eq!(identify(&bytes), Some(Family::Opus));
    }

    #[test]
    fn other_bytes_are_refused() {
        let text = b"This is not music, it only has the name of it. ".repeat(500);
        let mut lone_header = vec![0; 200];
        lone_header.extend_from_slice(&mp3_frames(1));
        lone_header.extend_from_slice(&[1; 2000]);
        for bytes in [&b""[..], b"ID3", &text, &lone_header, b"RIFF\0\0\0\0AVI LIST", b"\x1aE\xdf\xa3webm"] {
            assert_eq!(identify(bytes), None);
        }
    }

    #[test]
    fn a_tag_longer_than_the_bytes_tells_its_length() {
        let tag = b"ID3\x03\0\0\0\x10\0\0rest";
        assert_eq!(id3v2_length(tag), 10 + (0x10 << 14));
        assert_eq!(identify(tag), None);
    }
}
