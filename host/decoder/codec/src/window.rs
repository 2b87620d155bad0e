//! A buffered look at the file from some offset on.

use crate::source::{ReadFault, Source};

/// One read of the source; a call costs more than the copy.
const READ_BYTES: usize = 64 * 1024;

/// The bytes around the place where a demuxer reads.
#[derive(Default)]
pub(crate) struct Window {
    start: u64,
    bytes: Vec<u8>,
    reaches_end: bool,
}

impl Window {
    /// The bytes from `offset` on: at least `length` of them unless the file ends before; and whether the file
    /// ends where they do.
    pub(crate) fn at(&mut self, source: &Source, offset: u64, length: usize) -> Result<(&[u8], bool), ReadFault> {
        let skip = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        match skip.filter(|&skip| skip <= self.bytes.len()) {
            // Bytes are moved to the front only when more are needed.
            Some(skip) if self.reaches_end || self.bytes.len() - skip >= length => {
                return Ok((&self.bytes[skip..], self.reaches_end));
            }
            Some(skip) => {
                self.bytes.drain(..skip);
            }
            None => self.bytes.clear(),
        }
        self.start = offset;
        self.reaches_end = false;
        while self.bytes.len() < length {
            let filled = self.bytes.len();
            self.bytes.resize(filled + READ_BYTES, 0);
            let outcome = source.read(offset + filled as u64, &mut self.bytes[filled..]);
            self.bytes.truncate(filled + outcome.unwrap_or(0));
            if outcome? == 0 {
                self.reaches_end = true;
                break;
            }
        }
        Ok((&self.bytes, self.reaches_end))
    }
}
