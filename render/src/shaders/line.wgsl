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
    let place = vec2f(sheet.position.x, view.size_px.y - sheet.position.y);
    let across = place.x * f32(view.bands) / view.size_px.x - 0.5;
    let segment = i32(floor(across));
    var distance_px = 1e9;
    var curve = 0.0;
    // Segments further away than two are not felt: bands are a pixel wide or more, lines up to three.
    var from_point = point(sheet.channel, segment - 2);
    for (var band = segment - 1; band <= segment + 3; band++) {
        let to_point = point(sheet.channel, band);
        let along = to_point - from_point;
        let share = clamp(dot(place - from_point, along) / dot(along, along), 0.0, 1.0);
        distance_px = min(distance_px, distance(place, from_point + share * along));
        if band == segment + 1 {
            curve = mix(from_point.y, to_point.y, across - floor(across));
        }
        from_point = to_point;
    }
    let area = over(gradient(place.y), filled(place.y - 0.5, curve), vec4f());
    let line = clamp(0.5 * view.line_px + 0.5 - distance_px, 0.0, min(view.line_px, 1.0));
    return over(view.line, line, area);
}
