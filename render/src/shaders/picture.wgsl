// What the draw passes are bound to. Heights are pixels above the lower edge.

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> table: array<Band>;
@group(0) @binding(2) var<storage, read> smoothed: array<f32>;
@group(0) @binding(3) var<storage, read> peaks: array<Peak>;

fn height(power: f32) -> f32 {
    return (decibels(power) - view.minimum_db) / (view.maximum_db - view.minimum_db) * view.size_px.y;
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
