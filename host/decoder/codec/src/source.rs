//! Where the bytes come from, and the view of them that demuxers read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::CodecError;

/// Outcome of [`ByteSource::read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceRead {
    /// So many bytes were copied, at least one; or 0 at the end of the file.
    Bytes(usize),
    /// The byte at the offset is not there yet.
    Missing,
}

/// The bytes of a file, as far as they are there.
pub trait ByteSource: Send {
    /// Length of the file in bytes; `None` when nobody knows, then it is read from start to end only.
    fn byte_length(&self) -> Option<u64>;

    /// Copies bytes from `offset` on into `buffer`; fewer than its length are allowed.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> SourceRead;
}

/// Why [`Source::read`] gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadFault {
    /// The bytes are not there yet.
    Missing,
    /// The call has read more than a sound file can make it read.
    Exhausted,
}

/// How long the bytes that are read are kept, so that a call repeated after a miss gets further than before
/// even if its source forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Nothing,
    /// For the life of the source: what opening read is read again by every reopening.
    Always,
    /// Until the call succeeds.
    UntilDone,
}

/// A region of the file that demuxers see with other content: `bytes`, then zeros.
///
/// Pictures inside tags are hidden so, which would otherwise be fetched and held in memory.
struct Overlay {
    start: u64,
    end: u64,
    bytes: Vec<u8>,
}

struct State {
    bytes: Box<dyn ByteSource>,
    byte_length: Option<u64>,
    /// Offset in the file where the view starts: behind ID3 tags.
    start: u64,
    overlays: Vec<Overlay>,
    keep: Keep,
    kept: BTreeMap<u64, Vec<u8>>,
    kept_until_done: BTreeMap<u64, Vec<u8>>,
    budget_bytes: u64,
    fault: Option<ReadFault>,
    position: u64,
}

/// A shared view of a [`ByteSource`], so that a stream can be reopened on it.
#[derive(Clone)]
pub(crate) struct Source(Arc<Mutex<State>>);

/// What a call may read before the file is taken for garbage. A frame of any codec is below 1 MiB.
const NEXT_BUDGET_BYTES: u64 = 4 << 20;
/// Bisection in large files, and a walk over fragments.
const SEEK_BUDGET_BYTES: u64 = 32 << 20;
/// The sample tables of a day of MP4 are 50 MB.
const OPEN_BUDGET_BYTES: u64 = 64 << 20;

impl Source {
    pub(crate) fn new(bytes: Box<dyn ByteSource>) -> Self {
        Self(Arc::new(Mutex::new(State {
            byte_length: bytes.byte_length(),
            bytes,
            start: 0,
            overlays: Vec::new(),
            keep: Keep::Nothing,
            kept: BTreeMap::new(),
            kept_until_done: BTreeMap::new(),
            budget_bytes: 0,
            fault: None,
            position: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Length of the view in bytes.
    pub(crate) fn byte_length(&self) -> Option<u64> {
        let state = self.state();
        state.byte_length.map(|length| length.saturating_sub(state.start))
    }

    /// Where the file was last read, in bytes from its start.
    pub(crate) fn file_position(&self) -> u64 {
        self.state().position
    }

    /// Offset in the file of the view's first byte.
    pub(crate) fn start(&self) -> u64 {
        self.state().start
    }

    /// Makes the view end at `end`.
    #[cfg(any(feature = "ogg", feature = "opus"))]
    pub(crate) fn set_end(&self, end: u64) {
        let mut state = self.state();
        state.byte_length = Some(state.start + end);
    }

    /// Makes the view start at `start` of the file and end with it, without overlays.
    pub(crate) fn set_start(&self, start: u64) {
        let mut state = self.state();
        state.start = start;
        state.byte_length = state.bytes.byte_length();
        state.overlays.clear();
    }

    /// Shows `bytes` and then zeros in `start..end` of the view.
    pub(crate) fn overlay(&self, start: u64, end: u64, bytes: &[u8]) {
        self.state().overlays.push(Overlay { start, end, bytes: bytes.to_vec() });
    }

    pub(crate) fn begin_open(&self) {
        self.begin(OPEN_BUDGET_BYTES, Keep::Always);
    }

    pub(crate) fn begin_seek(&self) {
        self.begin(SEEK_BUDGET_BYTES, Keep::UntilDone);
    }

    pub(crate) fn begin_next(&self) {
        self.begin(NEXT_BUDGET_BYTES, Keep::Nothing);
    }

    fn begin(&self, budget_bytes: u64, keep: Keep) {
        let mut state = self.state();
        state.budget_bytes = budget_bytes;
        state.keep = keep;
        state.fault = None;
    }

    /// Ends the call that began last: no more bytes are kept, those kept until now are dropped if it is done.
    pub(crate) fn finish(&self, done: bool) {
        let mut state = self.state();
        state.keep = Keep::Nothing;
        if done {
            state.kept_until_done.clear();
        }
    }

    /// The fault that a read since the last `begin_…` had; it explains whatever a demuxer made of it.
    pub(crate) fn fault(&self) -> Option<ReadFault> {
        self.state().fault
    }

    /// [`Source::fault`] as an error.
    pub(crate) fn fault_error(&self) -> Option<CodecError> {
        self.fault().map(CodecError::from)
    }

    /// Copies bytes from `offset` of the view on; 0 only at the end of the file.
    pub(crate) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadFault> {
        let mut state = self.state();
        if let Some(fault) = state.fault {
            // A demuxer that passes over a failed read must not ask for one place after another.
            return Err(fault);
        }
        let outcome = state.read(offset, buffer);
        match outcome {
            Ok(length) => state.budget_bytes = state.budget_bytes.saturating_sub(length as u64),
            Err(fault) => state.fault = Some(fault),
        }
        outcome
    }

    /// Fills `buffer` from `offset` on as far as the file goes; the result is how far.
    pub(crate) fn read_full(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadFault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(offset + filled as u64, &mut buffer[filled..])? {
                0 => break,
                length => filled += length,
            }
        }
        Ok(filled)
    }

    #[cfg(feature = "pcm")]
    /// Fills `buffer` from `offset` on as far as the bytes are there; a fault only if not one is.
    pub(crate) fn read_some(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadFault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(offset + filled as u64, &mut buffer[filled..]) {
                Ok(0) => break,
                Ok(length) => filled += length,
                Err(_) if filled > 0 => break,
                Err(fault) => return Err(fault),
            }
        }
        Ok(filled)
    }

    /// The `length` bytes at `offset`, or `None` where the file is shorter.
    pub(crate) fn read_exact(&self, offset: u64, length: usize) -> Result<Option<Vec<u8>>, ReadFault> {
        let mut bytes = vec![0; length];
        Ok((self.read_full(offset, &mut bytes)? == length).then_some(bytes))
    }
}

impl State {
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ReadFault> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.budget_bytes == 0 {
            return Err(ReadFault::Exhausted);
        }
        let mut length = buffer.len();
        for overlay in &self.overlays {
            if (overlay.start..overlay.end).contains(&offset) {
                let length = length.min(usize::try_from(overlay.end - offset).unwrap_or(usize::MAX));
                let skip = usize::try_from(offset - overlay.start).unwrap_or(usize::MAX);
                let shown = overlay.bytes.get(skip..).unwrap_or_default();
                let count = shown.len().min(length);
                buffer[..count].copy_from_slice(&shown[..count]);
                buffer[count..length].fill(0);
                return Ok(length);
            }
            if offset < overlay.start {
                length = length.min(usize::try_from(overlay.start - offset).unwrap_or(usize::MAX));
            }
        }
        let offset = offset.saturating_add(self.start);
        if let Some(rest) = self.byte_length.map(|end| end.saturating_sub(offset)) {
            length = length.min(usize::try_from(rest).unwrap_or(usize::MAX));
        }
        if length == 0 {
            return Ok(0);
        }
        let buffer = &mut buffer[..length];
        let length = match kept_at(&self.kept, offset).or_else(|| kept_at(&self.kept_until_done, offset)) {
            Some(bytes) => {
                let length = bytes.len().min(buffer.len());
                buffer[..length].copy_from_slice(&bytes[..length]);
                return Ok(length);
            }
            None => match self.bytes.read(offset, buffer) {
                SourceRead::Bytes(length) => length.min(buffer.len()),
                SourceRead::Missing => return Err(ReadFault::Missing),
            },
        };
        if length > 0 {
            match self.keep {
                Keep::Nothing => {}
                Keep::Always => keep(&mut self.kept, offset, &buffer[..length]),
                Keep::UntilDone => keep(&mut self.kept_until_done, offset, &buffer[..length]),
            }
            self.position = offset + length as u64;
        }
        Ok(length)
    }
}

/// The kept bytes from `offset` on, if there are any. Runs may overlap: reads start anywhere.
fn kept_at(kept: &BTreeMap<u64, Vec<u8>>, offset: u64) -> Option<&[u8]> {
    kept.range(..=offset).rev().find_map(|(&start, bytes)| {
        let rest = bytes.get(usize::try_from(offset - start).ok()?..)?;
        (!rest.is_empty()).then_some(rest)
    })
}

/// Adds bytes, to the run that ends where they start if there is one.
fn keep(kept: &mut BTreeMap<u64, Vec<u8>>, offset: u64, bytes: &[u8]) {
    if let Some((&start, run)) = kept.range_mut(..offset).next_back()
        && start + run.len() as u64 == offset
    {
        run.extend_from_slice(bytes);
        return;
    }
    kept.insert(offset, bytes.to_vec());
}

impl From<ReadFault> for CodecError {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Missing => Self::Missing,
            ReadFault::Exhausted => Self::Corrupt(
                "The file has no sound where its headers promise it: several megabytes were searched in vain.".into(),
            ),
        }
    }
}
