//! Where a node stands on the context's clock.

/// The frames of a node that is called in every quantum.
///
/// Chromium tells an old frame while the page rebuilds the graph: it takes over the new one only if it gets the graph's lock at once
/// (`BaseAudioContext::UpdateWorkletGlobalScopeOnRenderingThread`). The quantum is rendered all the same, so of what is told and what
/// was counted the greater is right.
#[derive(Default)]
pub(crate) struct FrameClock {
    next: u64,
}

impl FrameClock {
    /// A quantum of `frames` frames begins, at `told` as the browser says. Returns its first frame.
    ///
    /// # Real-time
    /// Audio thread.
    pub(crate) fn begin(&mut self, told: u64, frames: usize) -> u64 {
        let frame = told.max(self.next);
        self.next = frame.wrapping_add(frames as u64);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_frame_is_counted_on_and_a_new_one_taken_over() {
        let mut clock = FrameClock::default();
        let told = [1024, 1024, 1024, 1408, 1408, 1408, 9000, 9128];
        let begun = [1024, 1152, 1280, 1408, 1536, 1664, 9000, 9128];
        assert_eq!(told.map(|told| clock.begin(told, 128)), begun);
    }

    #[test]
    fn quanta_of_every_length_follow_each_other() {
        let mut clock = FrameClock::default();
        assert_eq!([1, 256, 2048, 128].map(|frames| clock.begin(7, frames)), [7, 8, 264, 2312]);
    }
}
