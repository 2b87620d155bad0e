//! Which instructions of a function can be reached.
//!
//! Wasm's control is structured, so one pass decides it: behind `br`, `br_table`, `return` and `unreachable` nothing runs
//! until the end of a block that something branched to. The end of a loop is reached by falling through alone: a branch
//! to a loop goes to its start. Conditions count as undecided.

use wasmparser::Operator;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Loop,
    If,
    Else,
}

struct Frame {
    kind: Kind,
    live_at_start: bool,
    /// Something that runs branches to its end.
    is_left: bool,
}

/// Follows the instructions of one function.
pub struct Liveness {
    live: bool,
    frames: Vec<Frame>,
}

impl Default for Liveness {
    fn default() -> Self {
        Self { live: true, frames: vec![Frame { kind: Kind::Block, live_at_start: true, is_left: false }] }
    }
}

impl Liveness {
    /// Whether `operator`, the next instruction, can be reached.
    pub fn step(&mut self, operator: &Operator<'_>) -> bool {
        let live = self.live;
        match operator {
            Operator::Block { .. } | Operator::TryTable { .. } | Operator::Try { .. } => self.enter(Kind::Block),
            Operator::Loop { .. } => self.enter(Kind::Loop),
            Operator::If { .. } => self.enter(Kind::If),
            Operator::Else => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.kind = Kind::Else;
                    frame.is_left |= live;
                    self.live = frame.live_at_start;
                }
            }
            Operator::End => {
                if let Some(frame) = self.frames.pop() {
                    // Without an `else` a false condition leads straight to the end.
                    self.live = live || frame.is_left || frame.kind == Kind::If && frame.live_at_start;
                }
            }
            Operator::BrIf { relative_depth } => self.leave(*relative_depth),
            Operator::Br { relative_depth } => {
                self.leave(*relative_depth);
                self.live = false;
            }
            Operator::BrTable { targets } => {
                for depth in targets.targets().flatten().chain([targets.default()]) {
                    self.leave(depth);
                }
                self.live = false;
            }
            Operator::Return | Operator::Unreachable => self.live = false,
            _ => {}
        }
        live
    }

    fn enter(&mut self, kind: Kind) {
        self.frames.push(Frame { kind, live_at_start: self.live, is_left: false });
    }

    fn leave(&mut self, depth: u32) {
        let live = self.live;
        if let Some(frame) = self.frames.iter_mut().rev().nth(depth as usize)
            && frame.kind != Kind::Loop
        {
            frame.is_left |= live;
        }
    }
}
