//! Handles: addresses that travel through JavaScript and come back.

use core::mem::MaybeUninit;

use rusty_audio_engine::config::ConfigError;
use rusty_audio_engine::{Arena, Controller, Dispatcher, Feeder, Parcel, PoolController, Processor, Worker};

/// What stands around each value in memory, so that an address that is none of ours is noticed, and a value that was
/// written over from either side.
#[repr(C, align(16))]
pub struct Tagged<T> {
    tag: u32,
    value: T,
    canary: u32,
}

impl<T: Handle> Tagged<T> {
    fn new(value: T) -> Self {
        Self { tag: T::TAG, value, canary: !T::TAG }
    }
}

/// A type that has handles. Each has a tag of its own.
pub trait Handle: Sized {
    /// The first word of a [`Tagged`] value of this type.
    const TAG: u32;
}

macro_rules! tags {
    ($($type:ty = $tag:literal)*) => { $(impl Handle for $type { const TAG: u32 = u32::from_be_bytes(*$tag); })* };
}

tags! {
    Arena<'static> = b"aren"
    Controller<'static> = b"ctrl"
    Feeder<'static> = b"feed"
    Dispatcher<'static> = b"disp"
    PoolController<'static> = b"pool"
    Worker<'static> = b"work"
}

impl<E: 'static> Handle for Processor<'static, E> {
    const TAG: u32 = u32::from_be_bytes(*b"proc");
}

/// Places `value` in the arena and gives its address.
pub fn give<T: Handle + 'static>(arena: &mut Arena<'static>, value: T) -> Result<usize, ConfigError> {
    arena.place(Tagged::new(value)).map(|tagged| core::ptr::from_mut(tagged).addr())
}

/// From now on the address is no handle any more.
pub fn revoke<T: Handle + 'static>(address: usize) {
    if take::<T>(address).is_some() {
        let tagged = core::ptr::with_exposed_provenance_mut::<Tagged<T>>(address);
        // SAFETY: there is one, and whoever had it has let go of it.
        unsafe { (*tagged).tag = 0 };
    }
}

/// Takes a parcel back whose handles were revoked, and that nobody reaches any more.
pub fn take_back(arena: &mut Arena<'static>, parcel: Parcel) {
    // SAFETY: the parcel is of this arena, since there is one to a memory. That nobody reaches it is what the shell answers for, which
    // alone passes a lease in: the audio thread has said so of its own end and of the jobs, and a decode worker of its own.
    unsafe { arena.take_back_parcel(parcel) };
}

/// The value behind an address from [`give`]; `None` for any other address, and when its canary has died.
pub fn take<T: Handle + 'static>(address: usize) -> Option<&'static mut T> {
    let end = address.checked_add(size_of::<Tagged<T>>())?;
    if address < heap_base() || end > memory_bytes() || !address.is_multiple_of(align_of::<Tagged<T>>()) {
        return None;
    }
    let tagged = core::ptr::with_exposed_provenance_mut::<Tagged<T>>(address);
    // SAFETY: the bytes lie within the memory and are aligned, so tag and canary can be read whatever they are; both are
    // only ever written by `give` and `revoke`, so between them is a `T`. The shell that was given the address is the only one that
    // passes it in, and each handle is given to one thread: no two references to a `T` live at once.
    unsafe { ((*tagged).tag == T::TAG && (*tagged).canary == !T::TAG).then(|| &mut (*tagged).value) }
}

/// Makes the arena over all memory behind the module's own data, and gives its address; 0 when there is no room even
/// for that.
pub fn open() -> usize {
    let base = heap_base();
    let length = memory_bytes().saturating_sub(base);
    // SAFETY: the linker puts nothing behind `__heap_base` and the module has no allocator, so nobody else uses
    // these bytes; the only caller is `controller_open`, which is called once per memory, before any other thread.
    let region = unsafe {
        core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut::<MaybeUninit<u8>>(base), length)
    };
    let mut arena = Arena::new(region);
    // The arena lies in the region that it hands out: a place is carved for it first, then it moves there.
    match arena.place(MaybeUninit::<Tagged<Arena<'static>>>::uninit()) {
        Ok(place) => core::ptr::from_mut(place.write(Tagged::new(arena))).addr(),
        Err(_) => 0,
    }
}

fn heap_base() -> usize {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    (&raw const __heap_base).expose_provenance()
}

fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size(0) * 65_536
}
