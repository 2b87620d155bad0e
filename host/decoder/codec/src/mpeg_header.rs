//! Headers of MPEG audio layer III frames (ISO/IEC 11172-3, 13818-3 and MPEG 2.5) and of ADTS frames
//! (ISO/IEC 13818-7).

/// Which of the two framings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Layer3,
    Adts,
}

/// A frame header, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub framing: Framing,
    /// Bytes of the whole frame, header included.
    pub frame_bytes: usize,
    /// Bytes before the coded sound.
    pub header_bytes: usize,
    /// Frames (samples per channel) that it decodes to.
    pub samples: u32,
    pub sample_rate: u32,
    /// 0 when the stream defines them itself (ADTS).
    pub channels: usize,
    /// Layer III: bytes of the side information. ADTS: 0.
    pub side_bytes: usize,
    /// ADTS: the MPEG-4 audio object type. Layer III: 0.
    pub object_type: u8,
    /// What all frames of one stream have in common.
    pub key: u32,
}

/// Bytes that [`parse`] needs.
pub(crate) const HEADER_BYTES: usize = 7;

/// The longest frame: 13 bits in ADTS; layer III has at most 1441 bytes.
pub(crate) const MAXIMUM_FRAME_BYTES: usize = 8191;

/// Reads the header at the start of `bytes`, if there is one of either kind.
pub(crate) fn parse(bytes: &[u8]) -> Option<FrameHeader> {
    let header = bytes.get(..HEADER_BYTES)?;
    if header[0] != 0xff {
        return None;
    }
    if header[1] & 0xf6 == 0xf0 { parse_adts(header) } else { parse_layer3(header) }
}

fn parse_layer3(header: &[u8]) -> Option<FrameHeader> {
    const KILOBITS_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const KILOBITS_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let version = header[1] >> 3 & 3;
    let is_layer3 = header[1] & 0xe0 == 0xe0 && header[1] >> 1 & 3 == 1 && version != 1;
    let is_reserved = header[3] & 3 == 2;
    let base_rate: u32 = *[44_100, 48_000, 32_000].get(usize::from(header[2] >> 2 & 3))?;
    if !is_layer3 || is_reserved {
        return None;
    }
    let is_mono = header[3] >> 6 == 3;
    let has_crc = header[1] & 1 == 0;
    let (kilobits, divisor, samples, side_bytes) = match version {
        3 => (KILOBITS_1, 1, 1152, if is_mono { 17 } else { 32 }),
        2 => (KILOBITS_2, 2, 576, if is_mono { 9 } else { 17 }),
        _ => (KILOBITS_2, 4, 576, if is_mono { 9 } else { 17 }),
    };
    let kilobits = *kilobits.get(usize::from(header[2] >> 4))?;
    let sample_rate = base_rate / divisor;
    let padding = usize::from(header[2] >> 1 & 1);
    // Without a stated bit rate (free format) the length is not known.
    let body = (samples as usize / 8 * 1000 * kilobits).checked_div(sample_rate as usize)?;
    (kilobits > 0).then(|| FrameHeader {
        framing: Framing::Layer3,
        frame_bytes: body + padding,
        header_bytes: if has_crc { 6 } else { 4 },
        samples,
        sample_rate,
        channels: if is_mono { 1 } else { 2 },
        side_bytes,
        object_type: 0,
        key: u32::from(header[1] & 0x1e) << 16 | u32::from(header[2] & 0x0c) << 8 | u32::from(is_mono),
    })
}

fn parse_adts(header: &[u8]) -> Option<FrameHeader> {
    const RATES: [u32; 13] =
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
    let sample_rate = *RATES.get(usize::from(header[2] >> 2 & 15))?;
    let header_bytes = if header[1] & 1 == 0 { 9 } else { 7 };
    let frame_bytes = usize::from(header[3] & 3) << 11 | usize::from(header[4]) << 3 | usize::from(header[5] >> 5);
    let configuration = (header[2] & 1) << 2 | header[3] >> 6;
    let blocks = u32::from(header[6] & 3) + 1;
    (frame_bytes > header_bytes).then(|| FrameHeader {
        framing: Framing::Adts,
        frame_bytes,
        header_bytes,
        samples: 1024 * blocks,
        sample_rate,
        channels: if configuration == 7 { 8 } else { usize::from(configuration) },
        side_bytes: 0,
        object_type: (header[2] >> 6) + 1,
        key: u32::from(header[1] & 0xf6) << 16 | u32::from(header[2] & 0xfd) << 8 | u32::from(header[3] & 0xc0),
    })
}

/// Where the next frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// So many bytes of other matter, then a frame with this header.
    Frame { skip: usize, header: FrameHeader },
    /// So many bytes of other matter, then it takes more bytes to say.
    More { skip: usize },
    /// Nothing but other matter until the end of the file.
    Nothing,
}

/// Finds the next frame in `bytes`, the file from the end of the last frame on.
///
/// A header directly there counts if `in_sync`; elsewhere it counts only when another one of the same stream
/// stands where its frame ends. `at_end`: the file ends where `bytes` does. `key`: what frames of this stream
/// have in common.
pub(crate) fn find(bytes: &[u8], at_end: bool, in_sync: bool, key: Option<u32>) -> Found {
    let is_of_stream = |header: &FrameHeader| key.is_none_or(|key| key == header.key);
    let mut start = 0;
    while start + HEADER_BYTES <= bytes.len() {
        let Some(header) = parse(&bytes[start..]).filter(is_of_stream) else {
            start += 1;
            continue;
        };
        let next = start + header.frame_bytes;
        let is_frame = if in_sync && start == 0 {
            true
        } else if let Some(following) = bytes.get(next..next + HEADER_BYTES) {
            parse(following).is_some_and(|following| following.key == header.key)
        } else if at_end {
            next <= bytes.len()
        } else {
            return Found::More { skip: start };
        };
        if is_frame {
            return Found::Frame { skip: start, header };
        }
        start += 1;
    }
    if at_end { Found::Nothing } else { Found::More { skip: start } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer3_lengths_follow_the_standard() {
        // 144 · 128000 / 44100 = 417.96, truncated; with the padding bit one more.
        assert_eq!(parse(&[0xff, 0xfb, 0x90, 0x44, 0, 0, 0]).unwrap().frame_bytes, 417);
        assert_eq!(parse(&[0xff, 0xfb, 0x92, 0x44, 0, 0, 0]).unwrap().frame_bytes, 418);
        // MPEG 2, 64 kbit/s at 22.05 kHz: 72 · 64000 / 22050 = 208.98.
        let half = parse(&[0xff, 0xf3, 0x80, 0xc4, 0, 0, 0]).unwrap();
        assert_eq!((half.frame_bytes, half.samples, half.sample_rate, half.channels), (208, 576, 22_050, 1));
    }

    #[test]
    fn reserved_and_free_format_headers_are_refused() {
        for header in
            [[0xff, 0xfb, 0xf0, 0x44], [0xff, 0xfb, 0x00, 0x44], [0xff, 0xfb, 0x9c, 0x44], [0xff, 0xeb, 0x90, 0x44]]
        {
            let mut bytes = [0; HEADER_BYTES];
            bytes[..4].copy_from_slice(&header);
            assert_eq!(parse(&bytes), None, "{header:x?}");
        }
    }

    #[test]
    fn a_lone_header_inside_other_matter_does_not_count() {
        let mut bytes = vec![0; 3000];
        bytes[100..104].copy_from_slice(&[0xff, 0xfb, 0x90, 0x44]);
        assert_eq!(find(&bytes, true, false, None), Found::Nothing);
        bytes[517..521].copy_from_slice(&[0xff, 0xfb, 0x90, 0x44]);
        assert!(matches!(find(&bytes, true, false, None), Found::Frame { skip: 100, .. }));
        assert_eq!(find(&bytes[..400], false, false, None), Found::More { skip: 100 });
    }
}
