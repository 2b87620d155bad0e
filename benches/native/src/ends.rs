//! The two ends of each ring behind one pair of traits.

use ringbuf::traits::{Consumer as _, Producer as _};
use rusty_audio_engine::lockfree::ring;

/// Frames of one block.
pub const BLOCK: usize = 128;

/// Frames that each ring holds: 32 blocks, so that no block wraps in any of them.
pub const CAPACITY: u32 = 4096;

/// One block of samples.
pub type Block = [f32; BLOCK];

/// A writing end.
pub trait Push: Send {
    /// Writes a block and publishes it; false, and nothing written, while there is no room.
    fn push(&mut self, block: &Block) -> bool;
}

/// A reading end.
pub trait Pop: Send {
    /// Takes a block; false, and nothing read, while there is none.
    fn pop(&mut self, block: &mut Block) -> bool;
}

impl Push for ring::Producer<'_, f32> {
    fn push(&mut self, block: &Block) -> bool {
        self.write(128, |_, offset, run| run.copy_from_slice(&block[offset..offset + run.len()])) > 0
    }
}

impl Pop for ring::Consumer<'_, f32> {
    fn pop(&mut self, block: &mut Block) -> bool {
        let shown = self.peek(0, 128, |_, offset, run| block[offset..offset + run.len()].copy_from_slice(run));
        if shown > 0 {
            self.skip(shown);
        }
        shown > 0
    }
}

impl Push for rtrb::Producer<f32> {
    fn push(&mut self, block: &Block) -> bool {
        self.push_entire_slice(block).is_ok()
    }
}

impl Pop for rtrb::Consumer<f32> {
    fn pop(&mut self, block: &mut Block) -> bool {
        self.pop_entire_slice(block).is_ok()
    }
}

impl Push for ringbuf::HeapProd<f32> {
    fn push(&mut self, block: &Block) -> bool {
        self.push_slice(block) > 0
    }
}

impl Pop for ringbuf::HeapCons<f32> {
    fn pop(&mut self, block: &mut Block) -> bool {
        self.pop_slice(block) > 0
    }
}
