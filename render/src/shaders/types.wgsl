// What Rust and the shaders share; `layout.rs` documents every field, and a test compares both.

const FLOOR: f32 = 1e-30;
const FLOOR_DB: f32 = -300.0;
const MAXIMUM: u32 = 1u;
const LANES: u32 = 64u;
const COLORS: u32 = 9u;

struct Frame {
    bins: u32,
    bands: u32,
    reduction: u32,
    attack: f32,
    release: f32,
    elapsed_s: f32,
    hold_s: f32,
    fall_log2_per_s: f32,
    column: u32,
    columns: u32,
    column_is_new: u32,
}

struct Band {
    lower: f32,
    upper: f32,
    gain: f32,
    left: f32,
    right: f32,
}

struct Peak {
    power: f32,
    age_s: f32,
}

struct View {
    size_px: vec2f,
    minimum_db: f32,
    maximum_db: f32,
    low: vec4f,
    high: vec4f,
    peak: vec4f,
    line: vec4f,
    colors: array<vec4f, COLORS>,
    bands: u32,
    gap_px: f32,
    peak_px: f32,
    line_px: f32,
}

fn decibels(power: f32) -> f32 {
    return 3.0102999566 * log2(max(power, FLOOR));
}
