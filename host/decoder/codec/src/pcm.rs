//! Uncompressed sound at a known place of a file.

use crate::description::positions_of_mask;
use crate::source::Source;
use crate::stream::{Planes, Step, Stream};
use crate::{CodecError, Description, SeekKind};

/// Frames decoded by one call.
const PACKET_FRAMES: u64 = 4096;

/// More channels than anyone has; a damaged header has them.
const MAXIMUM_CHANNELS: usize = 64;

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleCoding {
    /// 8 bits, 128 is silence.
    Unsigned8,
    /// Two's complement in so many bytes (1 to 4).
    Signed {
        bytes: usize,
    },
    Float32,
    Float64,
}

impl SampleCoding {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 => 1,
            Self::Signed { bytes } => bytes,
            Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Float32 => "PCM 32-bit float".into(),
            Self::Float64 => "PCM 64-bit float".into(),
            integer => format!("PCM {}-bit", 8 * integer.bytes()),
        }
    }
}

/// Where the sound of a file is and how it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub container: &'static str,
    pub coding: SampleCoding,
    pub is_big_endian: bool,
    pub channels: usize,
    pub sample_rate: u32,
    /// WAVE channel mask, 0 without one.
    pub channel_mask: u32,
    /// Offset of the first sample.
    pub start: u64,
    /// Frames that the header promises; `None` = up to the end of the file.
    pub declared_frames: Option<u64>,
}

/// The stream over a [`Layout`].
pub(crate) struct PcmStream {
    source: Source,
    layout: Layout,
    /// Frames that are there; unknown with the length of the file and no promise.
    frames: Option<u64>,
    next_frame: u64,
    bytes: Vec<u8>,
}

impl PcmStream {
    /// Checks the numbers of a header.
    pub(crate) fn new(source: &Source, layout: Layout) -> Result<Self, CodecError> {
        let Layout { container, channels, sample_rate, .. } = layout;
        if !(1..=MAXIMUM_CHANNELS).contains(&channels) {
            return Err(CodecError::Corrupt(format!("The {container} header states {channels} channels.")));
        }
        if !(1_000..=1_000_000).contains(&sample_rate) {
            return Err(CodecError::Corrupt(format!(
                "The {container} header states a sample rate of {sample_rate} Hz."
            )));
        }
        let frame_bytes = (channels * layout.coding.bytes()) as u64;
        let there = source.byte_length().map(|length| length.saturating_sub(layout.start) / frame_bytes);
        let frames = match (layout.declared_frames, there) {
            (Some(declared), Some(there)) => Some(declared.min(there)),
            (declared, there) => declared.or(there),
        };
        Ok(Self { source: source.clone(), layout, frames, next_frame: 0, bytes: Vec::new() })
    }

    fn frame_bytes(&self) -> usize {
        self.layout.channels * self.layout.coding.bytes()
    }

    fn offset(&self) -> u64 {
        self.layout.start + self.next_frame * self.frame_bytes() as u64
    }

    /// The promise that the file does not keep.
    fn truncation(&self, frames: u64) -> Option<CodecError> {
        let declared = self.layout.declared_frames.filter(|&declared| declared > frames)?;
        Some(CodecError::Truncated(format!(
            "The {} header states {declared} frames, the file holds {frames}.",
            self.layout.container
        )))
    }
}

impl Stream for PcmStream {
    fn description(&self) -> Description {
        Description {
            container: self.layout.container,
            codec: self.layout.coding.name(),
            channels: self.layout.channels,
            sample_rate: self.layout.sample_rate,
            frames: self.frames,
            frames_exact: self.frames.is_some(),
            gapless: true,
            seek: if self.source.byte_length().is_some() { SeekKind::Exact } else { SeekKind::None },
            notes: Vec::new(),
            channel_positions: positions_of_mask(self.layout.channel_mask, self.layout.channels),
        }
    }

    fn sample_rate(&self) -> u32 {
        self.layout.sample_rate
    }

    fn exact_frames(&self) -> Option<u64> {
        self.frames
    }

    fn end_fault(&self) -> Option<CodecError> {
        self.truncation(self.frames?)
    }

    fn next(&mut self, planes: &mut Planes) -> Result<Step, CodecError> {
        let rest = self.frames.map_or(u64::MAX, |frames| frames.saturating_sub(self.next_frame));
        let wanted = usize::try_from(rest.min(PACKET_FRAMES)).unwrap_or(0);
        let frame_bytes = self.frame_bytes();
        self.bytes.resize(wanted * frame_bytes, 0);
        let mut length = self.source.read_some(self.offset(), &mut self.bytes)?;
        if length < frame_bytes {
            // Either the end of the file or a frame across the border of what is there.
            length = self.source.read_full(self.offset(), &mut self.bytes[..frame_bytes.min(wanted * frame_bytes)])?;
        }
        let frames = length / frame_bytes;
        if frames == 0 {
            return Err(self.truncation(self.next_frame).unwrap_or(CodecError::End));
        }
        planes.resize_with(self.layout.channels, Vec::new);
        let bytes = &self.bytes[..frames * frame_bytes];
        for (channel, plane) in planes.iter_mut().enumerate() {
            plane.clear();
            let skip = channel * self.layout.coding.bytes();
            let samples = bytes.chunks_exact(frame_bytes).map(|frame| &frame[skip..]);
            decode(self.layout.coding, self.layout.is_big_endian, samples, plane);
        }
        let position = i64::try_from(self.next_frame).unwrap_or(i64::MAX);
        self.next_frame += frames as u64;
        Ok(Step::Frames { position })
    }

    fn seek(&mut self, frame: u64) -> Result<(), CodecError> {
        self.next_frame = frame;
        Ok(())
    }

    fn byte_position(&self) -> u64 {
        self.source.start() + self.offset()
    }
}

/// Integers become x / 2^(bits - 1), which is exact up to 25 bits.
fn decode<'a>(
    coding: SampleCoding,
    is_big_endian: bool,
    samples: impl Iterator<Item = &'a [u8]>,
    plane: &mut Vec<f32>,
) {
    /// The first `N` bytes of a sample, least significant first.
    fn little<const N: usize>(sample: &[u8], is_big_endian: bool) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&sample[..N]);
        if is_big_endian {
            bytes.reverse();
        }
        bytes
    }
    const FULL_SCALE_32: f32 = 2_147_483_648.0;
    let big = is_big_endian;
    match coding {
        SampleCoding::Unsigned8 => plane.extend(samples.map(|s| (f32::from(s[0]) - 128.0) / 128.0)),
        SampleCoding::Signed { bytes: 1 } => plane.extend(samples.map(|s| f32::from(s[0].cast_signed()) / 128.0)),
        SampleCoding::Signed { bytes: 2 } => {
            plane.extend(samples.map(|s| f32::from(i16::from_le_bytes(little(s, big))) / 32_768.0));
        }
        SampleCoding::Signed { bytes: 3 } => plane.extend(samples.map(|s| {
            let [low, middle, high] = little(s, big);
            i32::from_le_bytes([0, low, middle, high]) as f32 / FULL_SCALE_32
        })),
        SampleCoding::Signed { .. } => {
            plane.extend(samples.map(|s| i32::from_le_bytes(little(s, big)) as f32 / FULL_SCALE_32));
        }
        SampleCoding::Float32 => plane.extend(samples.map(|s| f32::from_le_bytes(little(s, big)))),
        #[expect(clippy::cast_possible_truncation, reason = "rounded to the nearest f32")]
        SampleCoding::Float64 => plane.extend(samples.map(|s| f64::from_le_bytes(little(s, big)) as f32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(coding: SampleCoding, is_big_endian: bool, bytes: &[u8]) -> Vec<f32> {
        let mut plane = Vec::new();
        decode(coding, is_big_endian, bytes.chunks(coding.bytes()), &mut plane);
        plane
    }

    #[test]
    fn full_scale_and_the_smallest_step_of_each_width() {
        assert_eq!(decoded(SampleCoding::Unsigned8, false, &[0, 128, 129]), [-1.0, 0.0, 1.0 / 128.0]);
        for bytes in 1..=4 {
            let coding = SampleCoding::Signed { bytes };
            let mut low = vec![0; bytes];
            low[0] = 0x80;
            let mut step = vec![0; bytes];
            step[bytes - 1] = 1;
            let expected = [-1.0, 1.0 / f32::from(2u8).powi(8 * i32::try_from(bytes).unwrap() - 1)];
            assert_eq!(decoded(coding, true, &[low.clone(), step.clone()].concat()), expected);
            low.reverse();
            step.reverse();
            assert_eq!(decoded(coding, false, &[low, step].concat()), expected);
        }
        assert_eq!(decoded(SampleCoding::Float32, true, &0.1f32.to_be_bytes()), [0.1]);
        assert_eq!(decoded(SampleCoding::Float64, false, &0.1f64.to_le_bytes()), [0.1]);
    }
}
