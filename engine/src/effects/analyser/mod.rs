//! Analyser: what goes through it is left as it is, and its newest frames can be looked at.
//!
//! The audio thread only keeps them. Jobs of the page compute spectra of them on the pool ([`spectrum`]), whenever the page
//! wants a picture, so that the newest is always what is seen and nobody waits for it.
//!
//! | file | what |
//! |---|---|
//! | `layout` | where in the region everything lies |
//! | `jobs` | what a job computes |
//! | `newest` | the frames themselves |

mod jobs;
mod layout;
mod newest;

pub(crate) use jobs::run_spectrum;
pub use jobs::{OWN_INPUT, SPECTRUM_HEAD, WINDOWS, spectrum};
pub(crate) use newest::{end_of, frames_before};

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{ANALYSER_SIZES, ConfigError};
use crate::dispatcher::Dispatcher;
use crate::lockfree::regions::{Region, place_of_tract};
use crate::memory::{Arena, Tract};
use crate::quantum::Quantum;
use layout::Layout;

const MID_SIDE: usize = 0;

/// The longest transform of an analyser whose setting `maximumFftSize` is `asked`, or its default if that is NaN.
///
/// # Real-time
/// Any thread.
#[must_use]
pub fn longest(asked: f32) -> usize {
    let (least, most) = (*ANALYSER_SIZES.start(), *ANALYSER_SIZES.end());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let longest = if asked.is_nan() { most } else { (asked as usize).clamp(least, most).next_power_of_two() };
    longest
}

/// Keeps the newest frames. From `midSide` 0.5 on they are half the sum and half the difference of left and right.
///
/// `maximumFftSize` is the longest transform that can be asked for; what is no power of two counts as the next one. The memory
/// is 32 bytes for each of its samples.
pub struct Analyser<'a> {
    tract: Tract<'a>,
    layout: Layout,
    /// The frame that is to come; `None` before the first, when the past is silent.
    next: Option<u64>,
}

impl<'a> Effect<'a> for Analyser<'a> {
    const NAME: &'static str = "analyser";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "midSide", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 1.0 }];
    const SETTINGS: &'static [Parameter] = &[Parameter {
        name: "maximumFftSize",
        unit: Unit::Count,
        default: *ANALYSER_SIZES.end() as f32,
        minimum: *ANALYSER_SIZES.start() as f32,
        maximum: *ANALYSER_SIZES.end() as f32,
    }];

    fn new(arena: &mut Arena<'a>, _: f32, settings: &[f32]) -> Result<Self, ConfigError> {
        let layout = Layout::new(longest(settings.first().copied().unwrap_or(f32::NAN)));
        Ok(Self { tract: arena.tract(layout.samples())?, layout, next: None })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>) {
        let Some(region) = dispatcher.commons().regions.of_tract(&self.tract, self.layout.shape()) else { return };
        if self.next.is_some_and(|next| next != run.frame()) {
            region.reach([self.layout.past()], [], |[past], []| past.fill(0.0));
        }
        self.keep(&region, run, parameters.target(MID_SIDE) >= 0.5);
        let next = run.frame().wrapping_add(run.frames() as u64);
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits")]
        region.note(next as u32);
        self.next = Some(next);
    }

    fn reset(&mut self) {
        // No frame that ever comes: what lies in the region is forgotten with the next one.
        self.next = Some(u64::MAX);
    }

    /// Jobs of the page that are on their way find no region any more.
    fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        dispatcher.commons().regions.leave(&self.tract);
        true
    }

    fn tail_frames(&self) -> Option<u32> {
        Some(0)
    }

    fn region(&self) -> Option<u32> {
        Some(place_of_tract(&self.tract))
    }
}

impl Analyser<'_> {
    fn keep(&self, region: &Region<'_>, run: &mut Quantum<'_>, is_mid_side: bool) {
        let (frame, frames) = (run.frame(), run.frames());
        let [left, right] = run.planes();
        let mut start = 0;
        while start < frames {
            let from = frame.wrapping_add(start as u64);
            let mut count = 0;
            for (plane, sign) in [1.0, -1.0].into_iter().enumerate() {
                let copies = self.layout.coming(plane, from, frames - start);
                count = copies[0].samples;
                let sides = left.iter().zip(right.iter()).skip(start);
                region.reach(copies, [], |[first, second], []| {
                    for ((first, second), (&left, &right)) in first.iter_mut().zip(second).zip(sides) {
                        let side = if plane == 0 { left } else { right };
                        *first = if is_mid_side { 0.5 * (left + sign * right) } else { side };
                        *second = *first;
                    }
                });
            }
            start += count;
        }
    }
}
