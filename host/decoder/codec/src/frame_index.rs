//! Where each frame of an MP3 or ADTS file starts, found by a walk over the headers.

use crate::mpeg_header::{Found, find};

/// Offsets of all frames walked over so far.
pub(crate) struct FrameIndex {
    /// Offset of each frame in bytes.
    offsets: Vec<u32>,
    key: u32,
    /// Offset of the first byte of `pending`.
    start: u64,
    /// Bytes that were fed and not walked over yet.
    pending: Vec<u8>,
    byte_length: u64,
    in_sync: bool,
    is_complete: bool,
}

impl FrameIndex {
    /// An index of the frames from `first_frame` on, all with this `key`, of a file of `byte_length`.
    ///
    /// `None` where it cannot be: a file beyond 4 GiB.
    pub(crate) fn new(first_frame: u64, key: u32, byte_length: u64) -> Option<Self> {
        (byte_length <= u64::from(u32::MAX)).then(|| Self {
            offsets: Vec::new(),
            key,
            start: first_frame,
            pending: Vec::new(),
            byte_length,
            in_sync: true,
            is_complete: false,
        })
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Offset from which bytes are wanted next.
    pub(crate) fn next(&self) -> u64 {
        self.start + self.pending.len() as u64
    }

    /// Frames walked over so far.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Mean length in bytes of the frames so far.
    pub(crate) fn mean_frame_bytes(&self) -> Option<f64> {
        let (first, last) = (self.offsets.first()?, self.offsets.last()?);
        (self.len() > 1).then(|| f64::from(last - first) / (self.len() - 1) as f64)
    }

    /// Offset of a frame.
    pub(crate) fn offset(&self, number: usize) -> Option<u64> {
        self.offsets.get(number).map(|&offset| u64::from(offset))
    }

    /// Number of the first frame at or behind `offset`, if the walk has come that far.
    pub(crate) fn number_at(&self, offset: u64) -> Option<usize> {
        let number = self.offsets.partition_point(|&start| u64::from(start) < offset);
        (number < self.len() || self.is_complete).then_some(number)
    }

    /// Takes the bytes from [`FrameIndex::next`] on; whether the index is complete now.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> bool {
        if self.is_complete {
            return true;
        }
        self.pending.extend_from_slice(bytes);
        let at_end = self.next() >= self.byte_length;
        let mut walked = 0;
        loop {
            let rest = self.pending.get(walked..).unwrap_or_default();
            let skip = match find(rest, at_end, self.in_sync, Some(self.key)) {
                Found::Frame { skip, header } if skip + header.frame_bytes <= rest.len() => {
                    self.offsets.push(u32::try_from(self.start + (walked + skip) as u64).unwrap_or(u32::MAX));
                    self.in_sync = true;
                    walked += skip + header.frame_bytes;
                    continue;
                }
                // The last frame is cut.
                Found::Frame { .. } if at_end => break,
                Found::Frame { skip, .. } | Found::More { skip } => skip,
                Found::Nothing => break,
            };
            self.in_sync &= skip == 0;
            walked += skip;
            break;
        }
        self.pending.drain(..walked);
        self.start += walked as u64;
        if at_end {
            self.is_complete = true;
            self.pending = Vec::new();
            self.offsets.shrink_to_fit();
        }
        self.is_complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mpeg_header::parse;

    const FRAME: [u8; 4] = [0xff, 0xfb, 0x90, 0x44];

    fn file() -> Vec<u8> {
        let mut frame = FRAME.to_vec();
        frame.resize(417, 0);
        let mut file = frame.repeat(10);
        file.extend_from_slice(&[7; 50]);
        file.extend(frame.repeat(5));
        file.extend_from_slice(b"TAG");
        file.resize(file.len() + 125, b' ');
        file
    }

    #[test]
    fn pieces_of_any_size_give_the_same_index() {
        let file = file();
        let mut bytes = FRAME.to_vec();
        bytes.resize(7, 0);
        let key = parse(&bytes).unwrap().key;
        let expected: Vec<u64> = (0..10).map(|n| n * 417).chain((0..5).map(|n| 4220 + n * 417)).collect();
        for piece in [1, 7, 400, 417, 5000, file.len()] {
            let mut index = FrameIndex::new(0, key, file.len() as u64).unwrap();
            let mut complete = false;
            for bytes in file.chunks(piece) {
                assert!(!complete);
                complete = index.feed(bytes);
            }
            assert!(complete);
            let offsets: Vec<u64> = (0..index.len()).map(|n| index.offset(n).unwrap()).collect();
            assert_eq!(offsets, expected, "pieces of {piece}");
            assert_eq!(index.number_at(417), Some(1));
            assert_eq!(index.number_at(418), Some(2));
        }
    }
}
