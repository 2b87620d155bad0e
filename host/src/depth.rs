//! How far ahead of the sound a player is written.

use js_sys::Array;
use rusty_audio_engine::config::PRIME_FRAMES;
use rusty_audio_protocol::{ErrorCode, Failure, RESERVE_FRAMES};
use wasm_bindgen::JsValue;

use crate::error::Result;
use crate::support::{Mode, is_handheld, requests_need_main_thread};

/// Frames of the source ring: 10.9 s at 48 kHz in 4 MiB. In WebKit a worker's requests and, in solo mode, its messages
/// to the worklet pass through the main thread, which may be blocked for seconds.
pub(crate) const RING_FRAMES: u32 = 1 << 19;

/// The ring without what the decode worker leaves free.
const MOST_FRAMES: u32 = RING_FRAMES - RESERVE_FRAMES;

/// The least that a page may fix. A decode worker that has nothing to do looks at its ring ten times a second.
const LEAST_FIXED_SECONDS: f64 = 0.5;

/// The least that is found where the writer is a thread of its own. A second is what it may be kept from its work for:
/// by a machine that has other things to do, or by a browser that lets timers run once a second.
const LEAST_SECONDS: f64 = 1.0;

/// The least where each frame passes through the main thread, which may be blocked for five seconds.
const LEAST_BESIDE_MAIN_THREAD_SECONDS: f64 = 6.0;

/// What a player begins with where few stalls are to be expected.
const FIRST_SECONDS: f64 = 4.0;

/// What a player has found out of its depth, in an engine of some mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Learnt {
    /// The engine's. In another the main thread may be in the way, or not any more.
    pub(crate) mode: Mode,
    /// The depth, in frames.
    pub(crate) target: u32,
    /// The most that was needed, in frames.
    pub(crate) needed: u32,
}

/// Limits of the depth, in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Depth {
    /// The least that may be found.
    pub(crate) least: u32,
    /// The most.
    pub(crate) most: u32,
    /// That in the beginning.
    pub(crate) first: u32,
    /// The one that is kept; 0 if it is to be found.
    pub(crate) fixed: u32,
    /// What is known to be needed.
    pub(crate) needed: u32,
}

impl Depth {
    /// Of a player at `sample_rate`, in Hz, in an engine of `mode`. With `buffer_seconds` the page has fixed it. Of what was `learnt`
    /// in such an engine it goes on.
    pub(crate) fn new(mode: Mode, sample_rate: f32, buffer_seconds: Option<f64>, learnt: Option<Learnt>) -> Self {
        let needs_main_thread = mode == Mode::Solo || requests_need_main_thread();
        let depth = Self::where_it_is(needs_main_thread, is_handheld(), sample_rate, buffer_seconds);
        learnt.filter(|learnt| learnt.mode == mode).map_or(depth, |learnt| depth.going_on(learnt))
    }

    fn going_on(self, Learnt { target, needed, .. }: Learnt) -> Self {
        Self { first: target.clamp(self.least, self.most), needed, ..self }
    }

    /// Where the main thread is in the way, and on devices that are held in a hand, it begins with all of the ring.
    fn where_it_is(needs_main_thread: bool, is_handheld: bool, sample_rate: f32, buffer_seconds: Option<f64>) -> Self {
        let least = if buffer_seconds.is_some() {
            LEAST_FIXED_SECONDS
        } else if needs_main_thread {
            LEAST_BESIDE_MAIN_THREAD_SECONDS
        } else {
            LEAST_SECONDS
        };
        let begins_full = needs_main_thread || is_handheld;
        Self {
            least: frames(least, sample_rate).clamp(PRIME_FRAMES, MOST_FRAMES),
            most: MOST_FRAMES,
            first: if begins_full { MOST_FRAMES } else { frames(FIRST_SECONDS, sample_rate) },
            fixed: buffer_seconds.map_or(0, |seconds| frames(seconds, sample_rate)),
            needed: 0,
        }
    }

    /// As a list for the worklet.
    pub(crate) fn to_js(self) -> Array {
        [self.least, self.most, self.first, self.fixed, self.needed].map(JsValue::from).iter().collect()
    }
}

/// Refuses a depth that the ring of a player at `sample_rate`, in Hz, cannot have.
pub(crate) fn check_buffer_seconds(buffer_seconds: Option<f64>, sample_rate: f32) -> Result<()> {
    let (least, most) = range_seconds(sample_rate);
    match buffer_seconds {
        Some(seconds) if !(least..=most).contains(&seconds) => {
            let message =
                format!("The bufferSeconds option must be {least} to {most} at {sample_rate} Hz, not {seconds}.");
            Err(Failure::new(ErrorCode::InvalidArgument, message))
        }
        _ => Ok(()),
    }
}

/// Whole tenths of a second, so that they can be told.
fn range_seconds(sample_rate: f32) -> (f64, f64) {
    let tenths = |frames: u32| 10.0 * f64::from(frames) / f64::from(sample_rate);
    let least = LEAST_FIXED_SECONDS.max(tenths(PRIME_FRAMES).ceil() / 10.0);
    (least, tenths(MOST_FRAMES).floor() / 10.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a checked number of seconds; the cast saturates"
)]
fn frames(seconds: f64, sample_rate: f32) -> u32 {
    (seconds * f64::from(sample_rate)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_seconds_of_a_blocked_main_thread_are_bridged_where_the_ring_holds_them() {
        for rate in [8_000.0, 44_100.0, 48_000.0] {
            let Depth { least, first, most, fixed, .. } = Depth::where_it_is(true, false, rate, None);
            assert!(least > frames(5.5, rate) && least < first);
            assert_eq!((first, fixed), (most, 0));
        }
        let Depth { least, most, .. } = Depth::where_it_is(true, false, 192_000.0, None);
        assert_eq!(least, most, "as far as there is room");
    }

    #[test]
    fn a_phone_begins_with_more_and_ends_with_no_more() {
        let [desk, hand] = [false, true].map(|is_handheld| Depth::where_it_is(false, is_handheld, 48_000.0, None));
        assert_eq!(desk, Depth { least: 48_000, most: MOST_FRAMES, first: 192_000, fixed: 0, needed: 0 });
        assert_eq!(hand, Depth { first: MOST_FRAMES, ..desk });
    }

    #[test]
    fn what_was_learnt_goes_on_within_the_limits() {
        let depth = Depth::where_it_is(false, false, 48_000.0, None);
        let learnt = |target, needed| depth.going_on(Learnt { mode: Mode::Shared, target, needed });
        assert_eq!(learnt(300_000, 270_000), Depth { first: 300_000, needed: 270_000, ..depth });
        assert_eq!(learnt(100, 90).first, depth.least);
        assert_eq!(learnt(u32::MAX, 0).first, depth.most);
    }

    #[test]
    fn a_fixed_depth_is_within_the_limits_wherever_it_is_taken() {
        for rate in [8_000.0, 44_100.0, 48_000.0, 192_000.0, 768_000.0] {
            let (shortest, longest) = range_seconds(rate);
            for seconds in [shortest, longest] {
                assert_eq!(check_buffer_seconds(Some(seconds), rate), Ok(()));
                let Depth { least, most, fixed, .. } = Depth::where_it_is(true, true, rate, Some(seconds));
                assert!((least..=most).contains(&fixed) && least >= PRIME_FRAMES, "{seconds} s at {rate} Hz");
            }
            for seconds in [shortest - 0.1, longest + 0.1, f64::NAN, f64::INFINITY, 0.0] {
                let failure = check_buffer_seconds(Some(seconds), rate).unwrap_err();
                assert_eq!(failure.code, ErrorCode::InvalidArgument);
                assert!(failure.message.contains(&format!("{shortest} to {longest}")), "{}", failure.message);
            }
        }
        assert_eq!(range_seconds(48_000.0), (0.5, 10.3));
        assert_eq!(range_seconds(8_000.0), (1.1, 62.3));
    }
}
