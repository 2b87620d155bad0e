//! A [`Source`] as Symphonia wants it.

use std::io;

use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};

use crate::source::Source;

struct Reader {
    source: Source,
    position: u64,
}

/// A new stream over `source`, from its start.
pub(crate) fn media_source_stream(source: &Source) -> MediaSourceStream<'static> {
    let reader = Reader { source: source.clone(), position: 0 };
    MediaSourceStream::new(Box::new(reader), MediaSourceStreamOptions::default())
}

impl io::Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The source remembers the fault; the error only has to make the demuxer stop.
        let length =
            self.source.read(self.position, buffer).map_err(|_| io::Error::other("the bytes are not there"))?;
        self.position += length as u64;
        Ok(length)
    }
}

impl io::Seek for Reader {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let position = match to {
            io::SeekFrom::Start(position) => Some(position),
            io::SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
            io::SeekFrom::End(delta) => self.source.byte_length().and_then(|length| length.checked_add_signed(delta)),
        };
        self.position =
            position.ok_or_else(|| io::Error::other("a seek to before the start or from an unknown end"))?;
        Ok(self.position)
    }
}

impl MediaSource for Reader {
    fn is_seekable(&self) -> bool {
        self.source.byte_length().is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.source.byte_length()
    }
}
