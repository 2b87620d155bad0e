//! The boxes of an MP4 file (ISO/IEC 14496-12), as far as Symphonia does not tell what they say.

use crate::CodecError;
use crate::source::Source;

/// Boxes looked at before the file is given up.
const MAXIMUM_BOXES: usize = 20_000;
/// A text or a list that is longer is damaged.
const MAXIMUM_FIELD_BYTES: u64 = 64 * 1024;

/// A box: its kind and where it and its body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mp4Box {
    kind: [u8; 4],
    start: u64,
    body: u64,
    end: u64,
}

/// One entry of an edit list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// In units of the movie's time scale; 0 = to the end.
    pub duration: u64,
    /// In units of the track's time scale; -1 = silence.
    pub media_time: i64,
}

/// What is needed of a track.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mp4Track {
    pub id: u32,
    pub is_sound: bool,
    /// Units per second.
    pub timescale: u32,
    pub edits: Vec<Edit>,
    /// Kind of its first sample entry: `mp4a`, `alac`, …
    pub coding: [u8; 4],
    start: u64,
    end: u64,
}

/// What is needed of a movie.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Movie {
    /// Units per second.
    pub timescale: u32,
    pub tracks: Vec<Mp4Track>,
    pub is_fragmented: bool,
    /// Length that a fragmented movie states, in its time scale.
    pub fragment_duration: u64,
    /// Encoder delay and padding in frames, from iTunes' comment.
    pub itunes_gapless: Option<(u64, u64, u64)>,
    /// Boxes that hold tags and pictures.
    tags: Vec<(u64, u64)>,
}

struct Walk<'a> {
    source: &'a Source,
    boxes: usize,
    movie: Movie,
}

/// Reads the movie box of `source`.
pub(crate) fn read_movie(source: &Source) -> Result<Movie, CodecError> {
    let mut walk = Walk { source, boxes: 0, movie: Movie::default() };
    let file_end = source.byte_length().unwrap_or(u64::MAX);
    let mut offset = 0;
    let mut has_movie = false;
    let mut is_cut = false;
    while let Some(found) = walk.read_box(offset, file_end)? {
        is_cut = found.end > file_end;
        if &found.kind == b"moov" && !is_cut {
            walk.children(&found, 0)?;
            has_movie = true;
        }
        if &found.kind == b"mdat" && is_cut {
            walk.shorten(&found, file_end);
        }
        if has_movie && (is_cut || &found.kind == b"mdat" || &found.kind == b"moof") {
            break;
        }
        offset = found.end;
    }
    if has_movie {
        return Ok(walk.movie);
    }
    Err(if is_cut {
        CodecError::Truncated(
            "The MP4 file ends before its table of samples (moov), without which it cannot be played.".into(),
        )
    } else {
        CodecError::Corrupt("The MP4 file has no table of samples (moov).".into())
    })
}

/// What is wrong at the end of a fragmented file: its last fragment may be cut.
///
/// The fragment is looked for in the last part of the file only, which has just been played.
pub(crate) fn judge_last_fragment(source: &Source) -> Result<Option<CodecError>, CodecError> {
    const TAIL_BYTES: u64 = 256 * 1024;
    let Some(file_end) = source.byte_length() else {
        return Ok(None);
    };
    let start = file_end.saturating_sub(TAIL_BYTES);
    let length = usize::try_from(file_end - start).unwrap_or(0);
    let Some(tail) = source.read_exact(start, length)? else {
        return Ok(None);
    };
    let Some(kind) = tail.windows(4).rposition(|kind| kind == b"moof").filter(|&kind| kind >= 4) else {
        return Ok(None);
    };
    let mut walk = Walk { source, boxes: 0, movie: Movie::default() };
    let mut offset = start + kind as u64 - 4;
    while let Some(found) = walk.read_box(offset, file_end)? {
        if found.end > file_end {
            return Ok(Some(CodecError::Truncated("The file ends inside its last fragment.".into())));
        }
        offset = found.end;
    }
    Ok(None)
}

impl Movie {
    /// Hides from a demuxer what playing `track_id` does not need: the other tracks, which would be read with
    /// it, and tags.
    pub(crate) fn hide_all_but(&self, track_id: u32, source: &Source) {
        // In a fragmented file other boxes refer to the tracks by their number.
        let tracks = self.tracks.iter().filter(|track| track.id != track_id && !self.is_fragmented);
        for (start, end) in tracks.map(|track| (track.start, track.end)).chain(self.tags.iter().copied()) {
            source.overlay(start + 4, end, b"free");
        }
    }
}

impl Walk<'_> {
    /// Shows a box that the file cuts as one that ends with it: else a demuxer passes over it.
    fn shorten(&self, found: &Mp4Box, file_end: u64) {
        let length = file_end - found.start;
        if found.body == found.start + 16 {
            self.source.overlay(found.start + 8, found.start + 16, &length.to_be_bytes());
        } else if let Ok(length) = u32::try_from(length) {
            self.source.overlay(found.start, found.start + 4, &length.to_be_bytes());
        }
    }

    /// The box at `offset`, if one begins before `end`.
    fn read_box(&mut self, offset: u64, end: u64) -> Result<Option<Mp4Box>, CodecError> {
        if offset.saturating_add(8) > end {
            return Ok(None);
        }
        self.boxes += 1;
        if self.boxes > MAXIMUM_BOXES {
            return Err(CodecError::Corrupt(format!("The MP4 file has more than {MAXIMUM_BOXES} boxes.")));
        }
        let Some(header) = self.source.read_exact(offset, 8)? else {
            return Ok(None);
        };
        let (body, length) = match be32(&header, 0) {
            0 => (offset + 8, end - offset),
            1 => match self.source.read_exact(offset + 8, 8)? {
                Some(long) => (offset + 16, be64(&long, 0)),
                None => return Ok(None),
            },
            length => (offset + 8, u64::from(length)),
        };
        let box_end = offset.saturating_add(length);
        if box_end < body {
            return Err(CodecError::Corrupt(format!(
                "A box of the MP4 file at byte {offset} states a length of {length} bytes."
            )));
        }
        Ok(Some(Mp4Box { kind: [header[4], header[5], header[6], header[7]], start: offset, body, end: box_end }))
    }

    /// The first bytes of a body.
    fn body(&self, found: &Mp4Box) -> Result<Vec<u8>, CodecError> {
        let length = usize::try_from((found.end - found.body).min(MAXIMUM_FIELD_BYTES)).unwrap_or(0);
        let mut bytes = vec![0; length];
        let filled = self.source.read_full(found.body, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn children(&mut self, parent: &Mp4Box, depth: usize) -> Result<(), CodecError> {
        let mut offset = parent.body;
        while let Some(child) = self.read_box(offset, parent.end)? {
            let child = Mp4Box { end: child.end.min(parent.end), ..child };
            self.visit(&child, depth)?;
            offset = child.end;
        }
        Ok(())
    }

    fn visit(&mut self, found: &Mp4Box, depth: usize) -> Result<(), CodecError> {
        const MAXIMUM_DEPTH: usize = 8;
        if depth > MAXIMUM_DEPTH {
            return Ok(());
        }
        match &found.kind {
            b"trak" => {
                self.movie.tracks.push(Mp4Track { start: found.start, end: found.end, ..Mp4Track::default() });
                self.children(found, depth + 1)
            }
            b"edts" | b"mdia" | b"minf" | b"stbl" => self.children(found, depth + 1),
            b"mvex" => {
                self.movie.is_fragmented = true;
                self.children(found, depth + 1)
            }
            b"udta" => {
                self.movie.tags.push((found.start, found.end));
                self.children(found, depth + 1)
            }
            b"meta" => {
                if depth == 0 {
                    self.movie.tags.push((found.start, found.end));
                }
                // A full box in MP4, a plain one in QuickTime.
                let is_plain = self.source.read_exact(found.body + 4, 4)?.is_some_and(|kind| kind == b"hdlr");
                let body = if is_plain { found.body } else { found.body + 4 };
                self.children(&Mp4Box { body: body.min(found.end), ..*found }, depth + 1)
            }
            b"ilst" => self.children(found, depth + 1),
            b"----" => self.read_comment(found),
            b"mvhd" => {
                let body = self.body(found)?;
                self.movie.timescale = timescale(&body).unwrap_or(0);
                Ok(())
            }
            b"mehd" => {
                let body = self.body(found)?;
                self.movie.fragment_duration = match body.first() {
                    Some(0) => field32(&body, 4).map(u64::from),
                    _ => field64(&body, 4),
                }
                .unwrap_or(0);
                Ok(())
            }
            b"tkhd" | b"mdhd" | b"hdlr" | b"elst" | b"stsd" => {
                let body = self.body(found)?;
                if let Some(track) = self.movie.tracks.last_mut() {
                    track.read_field(&found.kind, &body);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A comment of iTunes: `mean`, `name` and `data` boxes. `iTunSMPB` holds hexadecimal numbers: 0, delay,
    /// padding, length.
    fn read_comment(&mut self, found: &Mp4Box) -> Result<(), CodecError> {
        let mut is_gapless = false;
        let mut offset = found.body;
        while let Some(child) = self.read_box(offset, found.end)? {
            let child = Mp4Box { end: child.end.min(found.end), ..child };
            match &child.kind {
                b"name" => is_gapless = self.body(&child)?.get(4..) == Some(b"iTunSMPB"),
                b"data" if is_gapless => {
                    let body = self.body(&child)?;
                    let text = String::from_utf8_lossy(body.get(8..).unwrap_or_default()).into_owned();
                    let numbers: Vec<u64> = text
                        .split_ascii_whitespace()
                        .take(4)
                        .filter_map(|number| u64::from_str_radix(number.trim_matches('\0'), 16).ok())
                        .collect();
                    if let [_, delay, padding, length] = numbers[..] {
                        self.movie.itunes_gapless = Some((delay, padding, length));
                    }
                }
                _ => {}
            }
            offset = child.end;
        }
        Ok(())
    }
}

impl Mp4Track {
    fn read_field(&mut self, kind: &[u8; 4], body: &[u8]) {
        let is_long = body.first() == Some(&1);
        match kind {
            b"tkhd" => self.id = field32(body, if is_long { 20 } else { 12 }).unwrap_or(0),
            b"mdhd" => self.timescale = timescale(body).unwrap_or(0),
            // Tags inside a track have a handler of their own.
            b"hdlr" => self.is_sound |= body.get(8..12) == Some(b"soun"),
            b"stsd" => self.coding = body.get(12..16).and_then(|kind| kind.try_into().ok()).unwrap_or_default(),
            _ => {
                let entry_bytes = if is_long { 20 } else { 12 };
                let count = field32(body, 4).unwrap_or(0) as usize;
                let entries = body.get(8..).unwrap_or_default().chunks_exact(entry_bytes).take(count);
                self.edits = entries
                    .map(|entry| {
                        if is_long {
                            Edit { duration: be64(entry, 0), media_time: be64(entry, 8).cast_signed() }
                        } else {
                            Edit { duration: be32(entry, 0).into(), media_time: be32(entry, 4).cast_signed().into() }
                        }
                    })
                    .collect();
            }
        }
    }
}

/// Of `mvhd` and `mdhd`, which agree so far.
fn timescale(body: &[u8]) -> Option<u32> {
    field32(body, if body.first() == Some(&1) { 20 } else { 12 })
}

fn field32(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..offset + 4).map(|field| be32(field, 0))
}

fn field64(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..offset + 8).map(|field| be64(field, 0))
}

fn be32(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

fn be64(bytes: &[u8], offset: usize) -> u64 {
    u64::from(be32(bytes, offset)) << 32 | u64::from(be32(bytes, offset + 4))
}
