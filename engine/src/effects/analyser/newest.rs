//! The newest frames of an analyser, for whoever wants to see the sound itself.

use super::layout::Layout;
use crate::config::CHANNELS;
use crate::lockfree::regions::Region;

/// The lower 32 bits of the frame of the context's clock that follows the newest one; `None` of a region that is no analyser's.
pub(crate) fn end_of(region: &Region<'_>) -> Option<u32> {
    Layout::of(region.shape())?;
    Some(region.journal())
}

/// Shows the `frames` frames of a plane before frame `end` of the context's clock: at most as many as the longest transform
/// has samples, and what is older than twice that has been written over.
pub(crate) fn frames_before<R>(
    region: &Region<'_>,
    end: u32,
    plane: usize,
    frames: usize,
    show: impl FnOnce(&[f32]) -> R,
) -> Option<R> {
    let layout = Layout::of(region.shape()).filter(|layout| plane < CHANNELS && layout.holds(frames))?;
    region.reach([], [layout.before(plane, end, frames)], |[], [past]| show(past))
}
