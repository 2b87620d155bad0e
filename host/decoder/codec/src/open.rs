//! Finds out what a file is and opens it.

use crate::identify::{Family, id3v2_length, identify};
use crate::source::Source;
use crate::stream::Stream;
use crate::{CodecError, IDENTIFY_BYTES};

/// Opens what `source` holds, behind its ID3 tags.
pub(crate) fn open(source: &Source) -> Result<Box<dyn Stream>, CodecError> {
    if source.byte_length() == Some(0) {
        return Err(CodecError::UnsupportedFormat("The file is empty.".into()));
    }
    source.set_start(0);
    loop {
        let mut header = [0; 10];
        let length = source.read_full(0, &mut header)?;
        match id3v2_length(&header[..length]) {
            0 => break,
            tag => source.set_start(source.start() + tag),
        }
    }
    let mut head = vec![0; IDENTIFY_BYTES];
    let length = source.read_full(0, &mut head)?;
    head.truncate(length);
    let Some(family) = identify(&head) else {
        let shown: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return Err(CodecError::UnsupportedFormat(format!(
            "The file is of no known format; it starts with the bytes {}.",
            shown.join(" ")
        )));
    };
    open_family(source, family, &head)
}

fn open_family(source: &Source, family: Family, head: &[u8]) -> Result<Box<dyn Stream>, CodecError> {
    match family {
        #[cfg(feature = "pcm")]
        Family::Pcm if head.starts_with(b"fLaC") => Ok(Box::new(crate::flac::open(source)?)),
        #[cfg(feature = "pcm")]
        Family::Pcm if head.starts_with(b"FORM") => Ok(Box::new(crate::aiff::open(source)?)),
        #[cfg(feature = "pcm")]
        Family::Pcm => Ok(Box::new(crate::wave::open(source)?)),
        #[cfg(feature = "mp3")]
        Family::Mp3 => Ok(Box::new(crate::mp3::open(source)?)),
        #[cfg(feature = "ogg")]
        Family::Ogg => Ok(Box::new(crate::ogg::open(source)?)),
        #[cfg(feature = "mp4")]
        Family::Mp4 if head.get(4..8) == Some(b"ftyp") => Ok(Box::new(crate::mp4::open(source)?)),
        #[cfg(feature = "mp4")]
        Family::Mp4 => Ok(Box::new(crate::adts::open(source)?)),
        #[cfg(feature = "opus")]
        Family::Opus => Ok(Box::new(crate::opus::open(source)?)),
        #[cfg(not(feature = "all"))]
        other => {
            let _ = (source, head);
            Err(CodecError::UnsupportedFormat(format!(
                "The file belongs to {}, not to this module.",
                other.module_name()
            )))
        }
    }
}
