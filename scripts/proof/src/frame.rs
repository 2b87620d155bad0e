//! The size of a function's stack frame.
//!
//! LLVM's prologue is `global.get $__stack_pointer`, perhaps kept in a local, then `i32.const N; i32.sub`, and for objects of
//! greater alignment `i32.const -A; i32.and`. A leaf function may do that without ever storing the result. The
//! epilogue adds the constant again, or restores what was kept. Any other use is reported, since it hides the size.

use wasmparser::Operator;

/// Finds prologues among the instructions of one function.
pub struct Frame {
    stack_pointer: Option<u32>,
    state: State,
    bytes: u64,
    /// Locals that hold the stack pointer as it was at the start.
    kept_in: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing that matters lies on top.
    Other,
    /// The stack pointer lies on top.
    Pointer,
    /// A constant lies on the stack pointer.
    Constant(i32),
    /// The new top of the stack lies there.
    Frame,
    /// An alignment lies on it.
    Alignment(i32),
    /// A constant lies on something else: the epilogue, if an addition follows.
    Addend(i32),
    /// A local that held a frame, and a constant was added.
    Sum,
    /// The local that kept the stack pointer.
    Kept,
}

impl Frame {
    /// `stack_pointer` is the global's index, if the module has one.
    #[must_use]
    pub fn new(stack_pointer: Option<u32>) -> Self {
        Self { stack_pointer, state: State::Other, bytes: 0, kept_in: Vec::new() }
    }

    /// Bytes of the frame as far as it was seen.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes in the next instruction. `false` when it does something with the stack pointer that is not understood.
    pub fn step(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        let is_pointer = |index: &u32| Some(*index) == self.stack_pointer;
        let next = match (self.state, operator) {
            (_, O::GlobalGet { global_index }) if is_pointer(global_index) => State::Pointer,
            (State::Pointer, O::LocalTee { local_index }) => {
                self.kept_in.push(*local_index);
                State::Pointer
            }
            (State::Pointer | State::Kept, O::LocalSet { local_index }) => {
                self.kept_in.push(*local_index);
                State::Other
            }
            // A local that held it is used for something else from now on.
            (state, O::LocalSet { local_index } | O::LocalTee { local_index })
                if self.kept_in.contains(local_index) =>
            {
                self.kept_in.retain(|kept| kept != local_index);
                if state == State::Frame { State::Frame } else { State::Other }
            }
            (State::Pointer | State::Kept, O::I32Const { value }) => State::Constant(*value),
            (State::Constant(bytes), O::I32Sub) if bytes >= 0 => {
                self.bytes = self.bytes.max(u64::from(bytes.unsigned_abs()));
                State::Frame
            }
            (State::Constant(bytes), O::I32Add) if bytes >= 0 => State::Sum,
            (State::Frame, O::I32Const { value }) if *value < 0 => State::Alignment(*value),
            (State::Alignment(mask), O::I32And) => {
                self.bytes += u64::from(mask.unsigned_abs()) - 1;
                State::Frame
            }
            (State::Frame, O::LocalTee { .. }) => State::Frame,
            (State::Other | State::Sum, O::I32Const { value }) => State::Addend(*value),
            (State::Addend(bytes), O::I32Add) if bytes >= 0 => State::Sum,
            (_, O::LocalGet { local_index }) if self.kept_in.contains(local_index) => State::Kept,
            (State::Frame | State::Sum | State::Kept, O::GlobalSet { global_index }) if is_pointer(global_index) => {
                State::Other
            }
            (_, O::GlobalSet { global_index }) if is_pointer(global_index) => return false,
            // What was fetched as a stack pointer must become a frame at once.
            (State::Pointer, _) => return false,
            (State::Constant(_), _) if self.kept_in.is_empty() => return false,
            _ => State::Other,
        };
        self.state = next;
        true
    }
}
