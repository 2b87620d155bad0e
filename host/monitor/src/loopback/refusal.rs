//! Why a recording tells of no round trip.

/// Why a recording tells of no round trip. Its text is a sentence about what was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum NoRoundTrip {
    /// The recording is shorter than a period of the sequence.
    TooShort {
        /// Frames that there are.
        frames: usize,
        /// Frames of a period.
        needed: usize,
    },
    /// Nothing comes in, not even noise.
    TooQuiet,
    /// The input is overdriven.
    Clipped {
        /// Share of its samples that are at full scale, 0 to 1.
        share: f64,
    },
    /// Something comes in, but nothing in it stands out as the sequence.
    NoArrival {
        /// The highest of it above the noise, in dB.
        quality_db: f64,
    },
}

impl core::fmt::Display for NoRoundTrip {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooShort { frames, needed } => {
                write!(f, "Only {frames} frames of the {needed} that are needed were recorded.")
            }
            Self::TooQuiet => write!(f, "The microphone gave silence."),
            Self::Clipped { share } => {
                write!(f, "The microphone is overdriven: {:.1} % of its samples are at full scale.", 100.0 * share)
            }
            Self::NoArrival { quality_db } => {
                write!(
                    f,
                    "The microphone did not hear the noise clearly: it stands out of all else by {quality_db:.1} dB, and 20 are needed."
                )
            }
        }
    }
}

impl std::error::Error for NoRoundTrip {}
