//! Which thread an export belongs to.

/// A thread with rules, told by the prefix of its exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `rt_*`: the audio rendering thread.
    Audio,
    /// `worker_*`: a pool worker, which may wait and wake others.
    Worker,
}

impl Role {
    /// The role of an export; `None` for those of threads without rules.
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

    /// Whether it may wait and notify.
    #[must_use]
    pub fn may_wait(self) -> bool {
        self == Self::Worker
    }
}
