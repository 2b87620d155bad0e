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

fn gradient(height: f32) -> vec4f {
    return mix(view.low, view.high, clamp(height / view.size_px.y, 0.0, 1.0));
}
