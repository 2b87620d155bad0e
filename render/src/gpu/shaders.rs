//! The shaders as they are compiled: what they share, then their own text.

macro_rules! shader {
    ($($name:literal),+) => {
        concat!(include_str!("../shaders/types.wgsl"), $(include_str!(concat!("../shaders/", $name, ".wgsl"))),+)
    };
}

/// Structs and constants that all of them have.
pub const TYPES: &str = include_str!("../shaders/types.wgsl");
/// [`passes::bands`](crate::passes::bands).
pub const BANDS: &str = shader!("analysis", "bands");
/// [`passes::smooth`](crate::passes::smooth).
pub const SMOOTH: &str = shader!("analysis", "smooth");
/// [`passes::peak`](crate::passes::peak).
pub const PEAK: &str = shader!("analysis", "peak");
/// [`passes::spectrogram`](crate::passes::spectrogram).
pub const SPECTROGRAM: &str = shader!("analysis", "spectrogram");
/// Bars and the marks of their peaks.
pub const BARS: &str = shader!("drawing", "picture", "bars");
/// A line and the area below it.
pub const LINE: &str = shader!("drawing", "picture", "line");
/// The spectrogram, scrolling.
pub const WATERFALL: &str = shader!("drawing", "picture", "waterfall");

/// All of them.
pub const ALL: [&str; 7] = [BANDS, SMOOTH, PEAK, SPECTROGRAM, BARS, LINE, WATERFALL];
