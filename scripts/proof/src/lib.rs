//! Proves on the bytes that are shipped what the audio thread may not do.
//!
//! From every export of a [`Role`] the call graph of the finished module is walked, and each thing that the role
//! forbids is reported with the shortest path to it:
//!
//! | forbidden | audio thread (`rt_*`) | worker (`worker_*`) |
//! |---|---|---|
//! | a function of an allocator, `memory.grow` | yes | yes |
//! | `memory.atomic.wait*`, `memory.atomic.notify` | yes | no |
//! | an imported function | yes | yes |
//! | `unreachable` (what a panic is compiled to) in code that can be reached | yes | yes |
//! | an integer division or remainder, unless by a constant that cannot trap | yes | yes |
//! | a float-to-integer conversion that traps (those that saturate are fine) | yes | yes |
//! | recursion, an indirect call | yes | yes |
//! | thread-local storage: `__tls_base`, `__wasm_init_tls` | yes | yes |
//! | an instruction of a proposal that is not known to be harmless (relaxed SIMD: it is not deterministic) | yes | yes |
//! | more stack than a thread is given | yes | yes |
//!
//! Of exports for building only the stack is bounded: a stack that overflows does not trap, it writes over what lies below.
//!
//! What it does not prove: loads, stores, `memory.copy` and `memory.fill` trap when they leave the memory, and atomic
//! ones when they are not aligned. Rust's references exclude that, wherever `unsafe` keeps its promises. Nor does it
//! bound loops; the instruction counts do that for the corpus that they run.
//!
//! Code that cannot be reached is left out (see [`liveness`]): LLVM writes `unreachable` behind endless loops and behind
//! branches that leave. Stack is what the compiler's prologues take from `__stack_pointer` (see [`frame`]); the
//! machine's own stack, which holds locals and return addresses, belongs to the browser.

pub mod export_list;
pub mod floor;
pub mod frame;
pub mod instruction;
pub mod instrument;
pub mod liveness;
pub mod module;
pub mod proof;
mod report;
pub mod role;
pub mod rule;
pub mod scan;
pub mod sources;
pub mod walk;

pub use export_list::ExportList;
pub use module::Module;
pub use proof::Proof;
pub use role::Role;
pub use rule::Reason;
pub use walk::{Finding, Walk};
