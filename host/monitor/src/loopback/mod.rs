//! The measured round trip: how long sound takes through the loudspeaker and the microphone back to the page.
//!
//! A maximum-length sequence sounds ([`Stimulus`]) while the microphone is recorded. Correlated with the sequence, what came back
//! is the impulse response of the way ([`MaximumLengthSequence::correlate`]), and the noise is spread over all of it: over noise
//! as loud as the signal 48 dB are gained in a period at 48 kHz, and 51 in two. The round trip is the delay of the first
//! arrival in that response ([`first_arrival`]), of all periods or of a part of one, whichever is clearest.
//!
//! ```
//! use rusty_audio_monitor::loopback::{PARTS, Stimulus, clearer, first_arrival, witnesses};
//!
//! let stimulus = Stimulus::new(48_000.0).expect("a rate of an audio context");
//! // A way that delays by 1000 frames and halves.
//! let came_back: Vec<f32> = [0.0; 1000].into_iter().chain(stimulus.samples().map(|sample| 0.5 * sample)).collect();
//!
//! let sequence = stimulus.sequence();
//! let mut parts = Vec::new();
//! for period in sequence.periods(&came_back[stimulus.recorded()])? {
//!     parts.extend((0..PARTS).map(|part| sequence.correlate(period, part)));
//! }
//! let said = witnesses(&parts).map(|response| first_arrival(&response, 48_000.0));
//! assert_eq!(said.reduce(clearer).expect("there are parts")?.delay_frames, 1000);
//! # Ok::<(), rusty_audio_monitor::loopback::NoRoundTrip>(())
//! ```

mod arrival;
mod refusal;
mod sequence;
mod stimulus;

pub use arrival::{Arrival, clearer, first_arrival, witnesses};
pub use refusal::NoRoundTrip;
pub use sequence::{MaximumLengthSequence, PARTS};
pub use stimulus::{AMPLITUDE, Stimulus};
