//! Where values lie, and how they come back from their addresses. The benches' own pages are the only callers, so
//! an address is not checked here as the engine module checks it.

use core::mem::MaybeUninit;

use rusty_audio_engine::{Arena, ConfigError};

/// An arena over all memory behind the module's own data. Call it once per memory.
pub fn arena() -> Arena<'static> {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    let base = (&raw const __heap_base).expose_provenance();
    let bytes = core::arch::wasm32::memory_size(0) * 65_536 - base;
    // SAFETY: the linker puts nothing behind `__heap_base` and the module has no allocator; the page calls the one
    // export that comes here once, before its workers exist.
    Arena::new(unsafe {
        core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut::<MaybeUninit<u8>>(base), bytes)
    })
}

/// The address of a value, for JavaScript.
pub fn give<T>(value: &'static mut T) -> usize {
    core::ptr::from_mut(value).expose_provenance()
}

/// The value at an address from [`give`].
pub fn take<T>(address: usize) -> &'static mut T {
    // SAFETY: the page passes each address to the one worker and the exports it was made for.
    unsafe { &mut *core::ptr::with_exposed_provenance_mut::<T>(address) }
}

/// Makes a stack, and gives the address that a worker's instance starts its stack pointer at.
pub fn stack_top(arena: &mut Arena<'static>) -> Result<usize, ConfigError> {
    const BYTES: usize = 1 << 16;
    Ok(give(arena.place([0_u128; BYTES / 16])?) + BYTES)
}
