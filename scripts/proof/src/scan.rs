//! One function: what it calls, what it does that may be forbidden, how large it is.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{FunctionBody, Operator};

use crate::frame::Frame;
use crate::instruction::hazard;
use crate::liveness::Liveness;
use crate::rule::Reason;

/// The globals that have a meaning for the rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Globals {
    /// Index of `__stack_pointer`.
    pub stack_pointer: Option<u32>,
    /// Index of `__tls_base`.
    pub tls_base: Option<u32>,
}

/// What one pass over a function's body found in the code that can be reached.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Functions that are called, each once, ascending.
    pub calls: Vec<u32>,
    /// What may be forbidden, with the places of the sources that it comes from.
    pub hazards: BTreeMap<Reason, BTreeSet<String>>,
    /// Bytes of the body.
    pub bytes: u64,
    /// Loops.
    pub loops: u32,
    /// Bytes of the stack frame.
    pub frame_bytes: u64,
}

/// Reads one function's body; `place` knows the sources of instructions by their position.
///
/// # Errors
/// When the body is malformed.
pub fn scan(
    body: &FunctionBody<'_>,
    globals: Globals,
    place: impl Fn(u64) -> Option<String>,
) -> wasmparser::Result<Scan> {
    let range = body.range();
    let mut found = Scan { bytes: range.end - range.start, ..Scan::default() };
    let mut liveness = Liveness::default();
    let mut frame = Frame::new(globals.stack_pointer);
    let mut before = None;
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        let (operator, position) = operator?;
        if liveness.step(&operator) {
            let mut add = |reason| found.hazards.entry(reason).or_default().extend(place(position));
            if let Some(reason) = hazard(&operator, before.as_ref()) {
                add(reason);
            }
            if !frame.step(&operator) {
                add(Reason::StackFrame);
            }
            match operator {
                Operator::Unreachable => add(Reason::Unreachable),
                Operator::Loop { .. } => found.loops += 1,
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    found.calls.push(function_index);
                }
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index }
                    if Some(global_index) == globals.tls_base =>
                {
                    add(Reason::ThreadLocal);
                }
                _ => {}
            }
        }
        before = Some(operator);
    }
    found.frame_bytes = frame.bytes();
    found.calls.sort_unstable();
    found.calls.dedup();
    Ok(found)
}
