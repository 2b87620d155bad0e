//! Byte sources and loops that drive a codec as the decode worker does.

use std::collections::HashSet;

use rusty_audio_codec::{ByteSource, Codec, CodecError, Description, SourceRead};

/// A file in memory, all of it there.
pub struct Memory(pub Vec<u8>);

impl ByteSource for Memory {
    fn byte_length(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> SourceRead {
        SourceRead::Bytes(copy(&self.0, offset, buffer))
    }
}

fn copy(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
    let length = rest.len().min(buffer.len());
    buffer[..length].copy_from_slice(&rest[..length]);
    length
}

/// A file of which each block is missing when it is first asked for, and of which only the blocks asked for last
/// are there.
pub struct Blocks {
    pub bytes: Vec<u8>,
    pub block_bytes: usize,
    /// Blocks held, the latest last.
    pub held: Vec<usize>,
    pub most_held: usize,
    /// Blocks that were ever asked for.
    pub asked: HashSet<usize>,
    pub is_length_known: bool,
}

impl Blocks {
    pub fn new(bytes: Vec<u8>, block_bytes: usize, most_held: usize) -> Self {
        Self { bytes, block_bytes, held: Vec::new(), most_held, asked: HashSet::new(), is_length_known: true }
    }
}

impl ByteSource for Blocks {
    fn byte_length(&self) -> Option<u64> {
        self.is_length_known.then_some(self.bytes.len() as u64)
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> SourceRead {
        let start = usize::try_from(offset).unwrap();
        if start >= self.bytes.len() {
            return SourceRead::Bytes(0);
        }
        let block = start / self.block_bytes;
        self.asked.insert(block);
        let Some(place) = self.held.iter().position(|&held| held == block) else {
            self.held.push(block);
            if self.held.len() > self.most_held {
                self.held.remove(0);
            }
            return SourceRead::Missing;
        };
        self.held.remove(place);
        self.held.push(block);
        let end = ((block + 1) * self.block_bytes).min(self.bytes.len());
        SourceRead::Bytes(copy(&self.bytes[..end], offset, buffer))
    }
}

/// All that a codec gave.
#[derive(Debug)]
pub struct Decoded {
    pub description: Description,
    pub planes: Vec<Vec<f32>>,
    /// Source frame of the first.
    pub position: u64,
    pub end: CodecError,
    pub skipped_packets: u32,
    pub missed: usize,
}

/// Repeats a call while bytes are missing, and counts how often.
pub fn insist<T>(missed: &mut usize, mut call: impl FnMut() -> Result<T, CodecError>) -> Result<T, CodecError> {
    for _ in 0..100_000 {
        match call() {
            Err(CodecError::Missing) => *missed += 1,
            outcome => return outcome,
        }
    }
    panic!("a call never came to an end");
}

/// Decodes on to the end, or until `frames` have come.
pub fn decode_on(codec: &mut Codec, frames: usize) -> Decoded {
    let description = codec.description().unwrap();
    let mut planes = vec![Vec::new(); description.channels];
    let mut first = None;
    let mut missed = 0;
    let mut empty = 0;
    let end = loop {
        if planes[0].len() >= frames {
            break CodecError::End;
        }
        let packet = match codec.next() {
            Err(CodecError::Missing) => {
                missed += 1;
                assert!(
                    missed < 10_000,
                    "bytes are missing for ever after {} frames of {}",
                    planes[0].len(),
                    description.codec
                );
                continue;
            }
            Err(end) => break end,
            Ok(packet) => packet,
        };
        if packet.frames() == 0 {
            empty += 1;
            assert!(empty < 100_000, "no frames for ever");
            continue;
        }
        empty = 0;
        let expected = *first.get_or_insert(packet.position()) + planes[0].len() as u64;
        assert_eq!(packet.position(), expected, "packets follow each other");
        for (channel, plane) in planes.iter_mut().enumerate() {
            assert_eq!(packet.plane(channel).len(), packet.frames());
            plane.extend_from_slice(packet.plane(channel));
        }
    };
    let description = codec.description().unwrap();
    Decoded { description, planes, position: first.unwrap_or(0), end, skipped_packets: codec.skipped_packets(), missed }
}

/// Opens and decodes a whole file.
pub fn decode_source(source: Box<dyn ByteSource>) -> Result<Decoded, CodecError> {
    let mut codec = Codec::new(source);
    let mut missed = 0;
    insist(&mut missed, || codec.open())?;
    let mut decoded = decode_on(&mut codec, usize::MAX);
    decoded.missed += missed;
    Ok(decoded)
}

/// Opens and decodes a whole file in memory.
pub fn decode(bytes: &[u8]) -> Result<Decoded, CodecError> {
    decode_source(Box::new(Memory(bytes.to_vec())))
}

/// Opens a file in memory; feeds the index if it wants to be fed.
pub fn open(bytes: &[u8], with_index: bool) -> Codec {
    let mut codec = Codec::new(Box::new(Memory(bytes.to_vec())));
    codec.open().unwrap();
    if with_index {
        feed_index(&mut codec, bytes, 100_000);
    }
    codec
}

/// Feeds the whole file to the index, in pieces.
pub fn feed_index(codec: &mut Codec, bytes: &[u8], piece: usize) {
    while let Some(offset) = codec.index_next() {
        let start = usize::try_from(offset).unwrap();
        let is_complete = codec.index_feed(&bytes[start..(start + piece).min(bytes.len())]);
        assert_eq!(is_complete, codec.index_next().is_none());
    }
}

/// Panics where the planes differ in a bit; says where first.
pub fn assert_same(name: &str, ours: &[Vec<f32>], theirs: &[Vec<f32>]) {
    assert_eq!(ours.len(), theirs.len(), "{name}: channels");
    for (channel, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let different = ours.iter().zip(theirs).position(|(a, b)| a.to_bits() != b.to_bits() && a != b);
        if let Some(frame) = different {
            panic!("{name}: channel {channel} frame {frame}: {} is not {}", ours[frame], theirs[frame]);
        }
        assert_eq!(ours.len(), theirs.len(), "{name}: length of channel {channel}");
    }
}

/// Largest difference and the ratio of the powers of reference and difference in dB, over the shorter length.
pub fn compare(ours: &[Vec<f32>], reference: &[Vec<f32>]) -> (f32, f64) {
    let (mut largest, mut power, mut error) = (0.0f32, 0.0, 0.0);
    for (ours, reference) in ours.iter().zip(reference) {
        for (&a, &b) in ours.iter().zip(reference) {
            largest = largest.max((a - b).abs());
            power += f64::from(b) * f64::from(b);
            error += f64::from(a - b) * f64::from(a - b);
        }
    }
    (largest, 10.0 * (power / error.max(1e-30)).log10())
}
