// The spectrogram: the newest column at the right edge, the lowest band at the lower one; an instance for each channel.

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) channel: u32) -> Sheet {
    return sheet(corner, channel);
}

@fragment
fn fragment(sheet: Sheet) -> @location(0) vec4f {
    let size = textureDimensions(levels);
    let share = place_in_pane(sheet.position, sheet.channel, view.size_px) / view.size_px;
    // The column behind the newest one is the oldest.
    let column = frame.column + frame.columns + u32(share.x * f32(size.x));
    let band = u32(share.y * f32(size.y));
    let level = textureLoad(levels, vec2u(column % size.x, band), sheet.channel, 0).x + FLOOR_DB;
    let place = clamp(share_of_range(level), 0.0, 1.0) * f32(COLORS - 1u);
    let below = min(u32(place), COLORS - 2u);
    return over(mix(view.colors[below], view.colors[below + 1u], place - f32(below)), 1.0, vec4f());
}
