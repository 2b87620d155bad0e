// The waveform as a line: 1 at the upper edge, −1 at the lower one; an instance for each channel.

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) channel: u32) -> Sheet {
    return sheet(corner, channel);
}

fn point(channel: u32, frame: i32) -> vec2f {
    let share = vec2f((f32(frame) - scope.start) / scope.shown, 0.5 + 0.5 * amplitude(channel, frame));
    return share * scope.size_px;
}

@fragment
fn fragment(sheet: Sheet) -> @location(0) vec4f {
    let place = place_in_pane(sheet.position, sheet.channel, scope.size_px);
    let frames_of_px = scope.shown / scope.size_px.x;
    let middle = scope.start + place.x * frames_of_px;
    let reach = (0.5 * scope.line_px + 0.5) * frames_of_px;
    let first = i32(floor(middle - reach));
    let last = i32(ceil(middle + reach));
    var distance_px = 1e9;
    var start = point(sheet.channel, first);
    for (var frame = first + 1; frame <= last; frame++) {
        let end = point(sheet.channel, frame);
        distance_px = min(distance_px, distance_from(start, end, place));
        start = end;
    }
    return over(scope.color, stroked(scope.line_px, distance_px), vec4f());
}
