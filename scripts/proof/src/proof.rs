//! The whole proof of one module.

use anyhow::Result;
use rusty_audio_engine::config::STACK_BYTES;

use crate::export_list::ExportList;
use crate::module::Module;
use crate::walk::Walk;

/// What was found.
#[derive(Debug)]
pub struct Proof {
    /// A walk for each export that is held to rules.
    pub walks: Vec<Walk>,
    /// Sentences on what differs from the list, or from the stack that threads are given.
    pub differences: Vec<String>,
}

impl Proof {
    /// Proves `bytes` against `list`. Every thread is given [`STACK_BYTES`] of stack.
    ///
    /// # Errors
    /// When the module is malformed.
    pub fn new(bytes: &[u8], list: &ExportList) -> Result<Self> {
        let module = Module::parse(bytes)?;
        let stack_bytes = STACK_BYTES as u64;
        let mut differences = list.differences(&module);
        if let Some(linked) = module.linked_stack_bytes.filter(|&linked| linked != stack_bytes) {
            // In solo mode the audio thread keeps the stack that the linker made.
            differences.push(format!("The linker's stack has {linked} bytes, other threads are given {stack_bytes}."));
        }
        let walks = module
            .exports
            .iter()
            .filter(|export| export.kind == "function")
            .filter_map(|export| list.role(&export.name).map(|role| Walk::new(&module, export, role, stack_bytes)))
            .collect();
        Ok(Self { walks, differences })
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty() && self.walks.iter().all(|walk| walk.findings.is_empty())
    }
}
