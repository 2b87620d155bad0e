//! What the shaders read and write, as Rust sees it.
//!
//! The structs are declared a second time in `shaders/types.wgsl`, because no tool of ours makes one language out of the
//! other. `tests/render/suites/layout.rs` compares every field of both by machine, and the constants too.

use bytemuck::{Pod, Zeroable};

/// A power that is as good as none, −300 dB: logarithms are taken of at least this.
pub const FLOOR: f32 = 1e-30;
/// The same in dB.
pub const FLOOR_DB: f32 = -300.0;
/// [`Frame::reduction`]: a band's power is the sum over its bins, each with the share that lies in the band.
pub const SUM: u32 = 0;
/// [`Frame::reduction`]: a band's power is the greatest of its bins and of the curve through them at its middle.
pub const MAXIMUM: u32 = 1;
/// Invocations of a workgroup.
pub const LANES: u32 = 64;
/// Colours of a waterfall's map.
pub const COLORS: usize = 9;

/// A type of a field, by its name in WGSL.
pub trait ShaderType: Pod {
    /// Naga's spelling.
    const NAME: &'static str;
}

impl ShaderType for u32 {
    const NAME: &'static str = "u32";
}
impl ShaderType for f32 {
    const NAME: &'static str = "f32";
}
impl ShaderType for [f32; 2] {
    const NAME: &'static str = "vec2<f32>";
}
impl ShaderType for [f32; 4] {
    const NAME: &'static str = "vec4<f32>";
}
impl ShaderType for [[f32; 4]; COLORS] {
    const NAME: &'static str = "array<vec4<f32>, 9>";
}

/// A field of a mirrored struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in both languages.
    pub name: &'static str,
    /// Bytes from the beginning of the struct.
    pub offset: usize,
    /// Its type in WGSL.
    pub type_name: &'static str,
}

/// A mirrored struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struct {
    /// Its name in both languages.
    pub name: &'static str,
    /// Bytes from one element of an array to the next.
    pub size: usize,
    /// Its fields in order.
    pub fields: &'static [Field],
}

macro_rules! mirror {
    ($($(#[$attribute:meta])* struct $name:ident { $($(#[$field_attribute:meta])* $field:ident: $type:ty,)+ })+) => {
        $(
            $(#[$attribute])*
            #[repr(C)]
            #[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
            pub struct $name {
                $($(#[$field_attribute])* pub $field: $type,)+
            }
        )+
        /// Every mirrored struct.
        pub const STRUCTS: &[Struct] = &[$(Struct {
            name: stringify!($name),
            size: size_of::<$name>(),
            fields: &[$(Field {
                name: stringify!($field),
                offset: core::mem::offset_of!($name, $field),
                type_name: <$type as ShaderType>::NAME,
            },)+],
        },)+];
    };
}

mirror! {
    /// What the compute passes are told of one frame of the picture.
    struct Frame {
        /// Bins of each channel: half the length of the transform, and one.
        bins: u32,
        /// Bands of each channel.
        bands: u32,
        /// [`SUM`] or [`MAXIMUM`].
        reduction: u32,
        /// Share of the way to a higher power that is gone in this frame, from 0 to 1.
        attack: f32,
        /// Share of the way to a lower power that is gone in this frame, from 0 to 1.
        release: f32,
        /// Seconds since the last frame.
        elapsed_s: f32,
        /// Seconds that a peak is held.
        hold_s: f32,
        /// How fast a peak falls afterwards: powers of two per second.
        fall_log2_per_s: f32,
        /// The spectrogram's first column that is written.
        column: u32,
        /// How many columns are written from there on; they continue at column 0.
        columns: u32,
        /// 1 if the first column is a new one, 0 if the last frame has written to it.
        column_is_new: u32,
    }

    /// A band: bins that become one value, and the place of the value on the axis.
    struct Band {
        /// Lower edge in bins; bin k reaches from k to k + 1.
        lower: f32,
        /// Upper edge in bins.
        upper: f32,
        /// Factor of the power.
        gain: f32,
        /// Left edge on the axis, where 0 is the left end and 1 the right.
        left: f32,
        /// Right edge on the axis.
        right: f32,
    }

    /// A held peak.
    struct Peak {
        /// Its power.
        power: f32,
        /// Seconds since it was reached.
        age_s: f32,
    }

    /// What the draw passes are told of the picture. Colours are red, green, blue and alpha, as in CSS: not premultiplied,
    /// sRGB, each from 0 to 1.
    struct View {
        /// Width and height of a channel's pane in pixels of the device.
        size_px: [f32; 2],
        /// Level of the lower edge in dB.
        minimum_db: f32,
        /// Level of the upper edge in dB.
        maximum_db: f32,
        /// Colour of bars and area at the lower edge.
        low: [f32; 4],
        /// Colour of bars and area at the upper edge; in between they are blended.
        high: [f32; 4],
        /// Colour of held peaks.
        peak: [f32; 4],
        /// Colour of the line.
        line: [f32; 4],
        /// Colours of the waterfall from the lower edge's level to the upper edge's, in equal steps.
        colors: [[f32; 4]; COLORS],
        /// Bands of each channel.
        bands: u32,
        /// Pixels between two bars; a bar keeps at least one pixel.
        gap_px: f32,
        /// Height of the mark of a held peak; 0 if there is none.
        peak_px: f32,
        /// Width of the line; 0 if there is none.
        line_px: f32,
    }

    /// What the draw passes of a waveform are told.
    struct Scope {
        /// Width and height of a channel's pane in pixels of the device.
        size_px: [f32; 2],
        /// The oscilloscope's left edge, in frames from the oldest one.
        start: f32,
        /// Frames from its left edge to its right one.
        shown: f32,
        /// Colour of line and dots.
        color: [f32; 4],
        /// Frames of each channel.
        frames: u32,
        /// Factor of the samples.
        gain: f32,
        /// Width of the oscilloscope's line.
        line_px: f32,
        /// Diameter of the goniometer's dots.
        dot_px: f32,
    }
}
