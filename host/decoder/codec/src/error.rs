//! Why a codec cannot go on.

use std::fmt;

/// Status of the raw interface: end of stream.
pub const END: i32 = -1;
/// Status of the raw interface: bytes are not there yet.
pub const MISSING: i32 = -2;
/// Status of the raw interface: not a format of this module.
pub const UNSUPPORTED_FORMAT: i32 = -3;
/// Status of the raw interface: a known container around an unknown codec.
pub const UNSUPPORTED_CODEC: i32 = -4;
/// Status of the raw interface: the file is damaged.
pub const CORRUPT: i32 = -5;
/// Status of the raw interface: the end of the file is missing.
pub const TRUNCATED: i32 = -6;

/// Why a call gave no frames. Each fault carries one sentence with the numbers of this case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// The stream is over.
    End,
    /// Bytes of the file are not there yet: get them and repeat the call.
    Missing,
    /// The bytes are of no format that this build knows.
    UnsupportedFormat(String),
    /// The container is known, what it holds is not.
    UnsupportedCodec(String),
    /// The file is damaged from here on.
    Corrupt(String),
    /// The file ends before its sound does.
    Truncated(String),
}

impl CodecError {
    /// The status that stands for it in the raw interface.
    #[must_use]
    pub const fn status(&self) -> i32 {
        match self {
            Self::End => END,
            Self::Missing => MISSING,
            Self::UnsupportedFormat(_) => UNSUPPORTED_FORMAT,
            Self::UnsupportedCodec(_) => UNSUPPORTED_CODEC,
            Self::Corrupt(_) => CORRUPT,
            Self::Truncated(_) => TRUNCATED,
        }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::End => "The stream is over.",
            Self::Missing => "Bytes of the file are not there yet.",
            Self::UnsupportedFormat(sentence)
            | Self::UnsupportedCodec(sentence)
            | Self::Corrupt(sentence)
            | Self::Truncated(sentence) => sentence,
        })
    }
}

impl std::error::Error for CodecError {}
