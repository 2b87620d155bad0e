// What the draw passes are bound to. Heights are pixels above the lower edge.

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> table: array<Band>;
@group(0) @binding(2) var<storage, read> smoothed: array<f32>;
@group(0) @binding(3) var<storage, read> peaks: array<Peak>;
@group(0) @binding(4) var<uniform> frame: Frame;
@group(0) @binding(5) var levels: texture_2d_array<f32>;

fn height(power: f32) -> f32 {
    return share_of_range(decibels(power)) * view.size_px.y;
}

fn share_of_range(level: f32) -> f32 {
    return (level - view.minimum_db) / (view.maximum_db - view.minimum_db);
}

// Share of a pixel that lies below a height; `bottom` is the pixel's own lower edge.
fn filled(bottom: f32, height: f32) -> f32 {
    return clamp(height - bottom, 0.0, 1.0);
}

fn gradient(height: f32) -> vec4f {
    return mix(view.low, view.high, clamp(height / view.size_px.y, 0.0, 1.0));
}

// A colour on another one, which is premultiplied as the result is.
fn over(color: vec4f, coverage: f32, below: vec4f) -> vec4f {
    let alpha = color.a * coverage;
    return vec4f(color.rgb * alpha, alpha) + (1.0 - alpha) * below;
}

// One triangle that covers everything, an instance for each channel.
struct Sheet {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) channel: u32,
}

fn sheet(corner: u32, channel: u32) -> Sheet {
    let x = select(-1.0, 3.0, corner == 1u);
    let y = select(-1.0, 3.0, corner == 2u);
    return Sheet(vec4f(x, y, 0.0, 1.0), channel);
}
