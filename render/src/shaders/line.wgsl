// A line through the middles of the bands, which are of equal width, and the area below it: an instance for each channel.

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) channel: u32) -> Sheet {
    return sheet(corner, channel);
}

// The outermost bands reach to the edges.
fn point(channel: u32, band: i32) -> vec2f {
    let nearest = u32(clamp(band, 0, i32(view.bands) - 1));
    let x = (f32(band) + 0.5) * view.size_px.x / f32(view.bands);
    return vec2f(x, height(smoothed[channel * view.bands + nearest]));
}

@fragment
fn fragment(sheet: Sheet) -> @location(0) vec4f {
    let place = place_in_pane(sheet.position, sheet.channel, view.size_px);
    let band_px = view.size_px.x / f32(view.bands);
    let across = place.x / band_px - 0.5;
    let segment = i32(floor(across));
    let curve = mix(point(sheet.channel, segment).y, point(sheet.channel, segment + 1).y, across - floor(across));
    let area = over(gradient(place.y), filled(place.y - 0.5, curve), vec4f());
    // Only segments that are as near as the line is wide.
    let reach = i32(ceil((0.5 * view.line_px + 0.5) / band_px));
    var distance_px = 1e9;
    var start = point(sheet.channel, segment - reach);
    for (var band = segment - reach + 1; band <= segment + reach + 1; band++) {
        let end = point(sheet.channel, band);
        distance_px = min(distance_px, distance_from(start, end, place));
        start = end;
    }
    return over(view.line, stroked(view.line_px, distance_px), area);
}
