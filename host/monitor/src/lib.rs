//! What a page can know of its audio: measured, estimated, or said to be unknown.
//!
//! Pure: the host feeds in what the browser, the worklet and the engine tell, with the time of each, and reads [`Figures`].
//!
//! | file | is about |
//! |---|---|
//! | `clock_drift` | the audio clock against the page's: rate and steps |
//! | `device` | what the browser counts of underruns |
//! | `figures` | the one table of all figures: row, name, unit, how it is known |
//! | `gap_meter` | late calls of the audio thread, by clocks of whole milliseconds |
//! | `job_latency` | how long workers' jobs take |
//! | `latency` | from a sample's being rendered to its being heard |
//! | `load` | the share of its time that the audio thread spends in our processors |
//! | `loopback` | the round trip, measured through loudspeaker and microphone |
//! | `main_thread` | the page's pictures and tasks |
//! | `since` | counters that only grow, since a reset and over fresh engines |
//! | `states` | the context's states, and how long it ran |
//! | `verdict` | one sentence that a musician understands |
#![forbid(unsafe_code)]

mod clock_drift;
mod device;
mod figures;
mod gap_meter;
mod job_latency;
mod latency;
mod load;
pub mod loopback;
mod main_thread;
mod since;
mod states;
#[cfg(test)]
mod traces;
mod verdict;

pub use clock_drift::ClockDrift;
pub use device::{Device, DeviceReading};
pub use figures::{FIGURES, Figure, Figures, Quality, Row, Unit};
pub use gap_meter::{Gap, GapMeter, Stamp};
pub use job_latency::{JobClass, JobLatency};
pub use latency::Latency;
pub use load::Load;
pub use main_thread::MainThread;
pub use since::Since;
pub use states::{StateChange, States};
pub use verdict::{Account, Level, Newest, Verdict, verdict};
