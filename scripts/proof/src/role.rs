//! Which thread an export belongs to, and what that forbids.

use crate::rule::Reason;

/// Who calls an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The audio rendering thread, inside `process()`. All exports named `rt_*`, and others.
    Audio,
    /// A pool worker, which may wait and wake others. All exports named `worker_*`.
    Worker,
    /// A thread that nobody waits for, or one that builds. Only its stack is bounded: one that overflows does not trap,
    /// it writes over what lies below.
    Building,
}

impl Role {
    /// The role that an export's prefix promises, if it promises one.
    #[must_use]
    pub fn of(export: &str) -> Option<Self> {
        if export.starts_with("rt_") {
            Some(Self::Audio)
        } else if export.starts_with("worker_") {
            Some(Self::Worker)
        } else {
            None
        }
    }

    /// Whether the role forbids it.
    #[must_use]
    pub fn forbids(self, reason: &Reason) -> bool {
        match self {
            Self::Audio => true,
            Self::Worker => !matches!(reason, Reason::Wait | Reason::Notify),
            Self::Building => matches!(
                reason,
                Reason::StackDepth { .. } | Reason::StackFrame | Reason::Recursion | Reason::IndirectCall(_)
            ),
        }
    }
}
