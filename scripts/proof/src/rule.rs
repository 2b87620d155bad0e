//! What is forbidden.

use std::fmt;

/// Why a module is rejected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A function of an allocator is called.
    Allocator,
    /// `memory.grow`.
    MemoryGrow,
    /// `memory.atomic.wait32` or `wait64`.
    Wait,
    /// `memory.atomic.notify`.
    Notify,
    /// An imported function is called: its module and name.
    Import(String, String),
    /// `unreachable` where it can be reached.
    Unreachable,
    /// An integer division or remainder that may trap.
    Division(String),
    /// A float-to-integer conversion that may trap.
    Conversion(String),
    /// A function can call itself, at once or through others.
    Recursion,
    /// `call_indirect` or `call_ref`.
    IndirectCall(String),
    /// Thread-local storage.
    ThreadLocal,
    /// An instruction of a proposal that is not known to be harmless.
    Unproved(String),
    /// `__stack_pointer` is used in a way that hides the size of the frame.
    StackFrame,
    /// The deepest path takes more stack than there is.
    StackDepth {
        /// Bytes that it takes.
        needed_bytes: u64,
        /// Bytes that a thread is given.
        given_bytes: u64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allocator => write!(f, "calls an allocator"),
            Self::MemoryGrow => write!(f, "grows the memory"),
            Self::Wait => write!(f, "waits"),
            Self::Notify => write!(f, "notifies"),
            Self::Import(module, name) => write!(f, "calls the import {module}.{name}"),
            Self::Unreachable => write!(f, "can panic: unreachable"),
            Self::Division(instruction) => write!(f, "can trap: {instruction} by what is no harmless constant"),
            Self::Conversion(instruction) => write!(f, "can trap: {instruction}"),
            Self::Recursion => write!(f, "recurses"),
            Self::IndirectCall(instruction) => write!(f, "calls indirectly: {instruction}"),
            Self::ThreadLocal => write!(f, "uses thread-local storage"),
            Self::Unproved(instruction) => write!(f, "uses an instruction that is not proved harmless: {instruction}"),
            Self::StackFrame => write!(f, "moves the stack pointer by an unknown distance"),
            Self::StackDepth { needed_bytes, given_bytes } => {
                write!(f, "needs {needed_bytes} bytes of stack and is given {given_bytes}")
            }
        }
    }
}

/// Whether a function of this name belongs to an allocator. A name that slips through still ends in `memory.grow`.
#[must_use]
pub fn is_allocator(name: &str) -> bool {
    const PARTS: [&str; 7] =
        ["__rust_alloc", "__rust_dealloc", "__rust_realloc", "__rdl_", "__rg_", "dlmalloc", "alloc::alloc::"];
    const WHOLE: [&str; 8] =
        ["malloc", "free", "calloc", "realloc", "aligned_alloc", "posix_memalign", "sbrk", "__wbindgen_malloc"];
    PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name)
}
