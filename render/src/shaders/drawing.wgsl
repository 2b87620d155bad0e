// What all draw passes have. Places are pixels from the lower left corner of a pane; the panes stand one above the other, the
// first one on top.

fn place_in_pane(position: vec4f, pane: u32, size_px: vec2f) -> vec2f {
    return vec2f(position.x, f32(pane + 1u) * size_px.y - position.y);
}

// Share of a pixel that lies below a height; `bottom` is the pixel's own lower edge.
fn filled(bottom: f32, height: f32) -> f32 {
    return clamp(height - bottom, 0.0, 1.0);
}

// A colour on another one, which is premultiplied as the result is.
fn over(color: vec4f, coverage: f32, below: vec4f) -> vec4f {
    let alpha = color.a * coverage;
    return vec4f(color.rgb * alpha, alpha) + (1.0 - alpha) * below;
}

// One triangle that covers a pane, an instance for each channel.
struct Sheet {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) channel: u32,
}

fn sheet(corner: u32, channel: u32) -> Sheet {
    let x = select(-1.0, 3.0, corner == 1u);
    let y = select(-1.0, 3.0, corner == 2u);
    return Sheet(vec4f(x, y, 0.0, 1.0), channel);
}

// Distance from a line between two points.
fn distance_from(start: vec2f, end: vec2f, place: vec2f) -> f32 {
    let along = end - start;
    let share = clamp(dot(place - start, along) / max(dot(along, along), 1e-20), 0.0, 1.0);
    return distance(place, start + share * along);
}

// Share of a pixel that a line covers; none of a line without width.
fn stroked(width: f32, distance_px: f32) -> f32 {
    return clamp(0.5 * width + 0.5 - distance_px, 0.0, min(width, 1.0));
}
