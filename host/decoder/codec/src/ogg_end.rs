//! The last whole page of an Ogg file.

use crate::CodecError;
use crate::source::Source;

/// A page has at most 27 + 255 + 255 · 255 bytes (RFC 3533, section 6). Twice that, so that a cut page may follow.
const TAIL_BYTES: u64 = 2 * 65_307;

/// Hides the remains of a page that was cut off at the end of a seekable file: with it Symphonia cannot tell the
/// length and refuses the file.
pub(crate) fn hide_cut_page(source: &Source) -> Result<(), CodecError> {
    let Some(file_end) = source.byte_length() else {
        return Ok(());
    };
    let start = file_end.saturating_sub(TAIL_BYTES);
    let length = usize::try_from(file_end - start).unwrap_or(0);
    let Some(tail) = source.read_exact(start, length)? else {
        return Ok(());
    };
    let pages = (0..tail.len()).rev().filter(|&at| tail[at..].starts_with(b"OggS"));
    if let Some(end) = pages.filter_map(|at| page_end(&tail, at)).next() {
        source.set_end(start + end as u64);
    }
    Ok(())
}

/// Where the page at `start` of `bytes` ends, if all of it is there.
fn page_end(bytes: &[u8], start: usize) -> Option<usize> {
    let segments = usize::from(*bytes.get(start + 26)?);
    let lengths = bytes.get(start + 27..start + 27 + segments)?;
    let end = start + 27 + segments + lengths.iter().map(|&length| usize::from(length)).sum::<usize>();
    (end <= bytes.len()).then_some(end)
}
