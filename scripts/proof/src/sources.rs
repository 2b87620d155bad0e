//! Where instructions come from, as the debug information of a module says; shipped modules have none.

use std::collections::BTreeMap;

use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian};
use addr2line::{Context, Frame};
use anyhow::Result;

type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// The line table of a module.
pub struct Sources<'a>(Context<Reader<'a>>);

impl<'a> Sources<'a> {
    /// Reads what the custom `sections`, by name, have of it.
    ///
    /// # Errors
    /// When they are malformed.
    pub fn new(sections: &BTreeMap<&str, &'a [u8]>) -> Result<Self> {
        let dwarf = Dwarf::load(|section| {
            let bytes = sections.get(section.name()).copied().unwrap_or_default();
            anyhow::Ok(EndianSlice::new(bytes, LittleEndian))
        })?;
        Ok(Self(Context::from_dwarf(dwarf)?))
    }

    /// The lines that the instruction at an offset of the code section was inlined through, innermost first, without those of Rust's own library.
    #[must_use]
    pub fn place(&self, offset: u64) -> Option<String> {
        let mut frames = self.0.find_frames(offset).skip_all_loads().ok()?;
        let mut lines = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            lines.extend(line(&frame).filter(|line| !line.contains("/library/")));
        }
        (!lines.is_empty()).then(|| lines.join(", called at "))
    }
}

fn line(frame: &Frame<'_, Reader<'_>>) -> Option<String> {
    let location = frame.location.as_ref()?;
    Some(format!("{}:{}", location.file?, location.line.filter(|&line| line > 0)?))
}
