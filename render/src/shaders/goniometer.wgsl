// Left against right, turned by 45 degrees: mono stands upright, opposite phases lie flat. An instance for each frame: a dot
// that fades with its age.

struct Dot {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) middle: vec2f,
    @location(1) @interpolate(flat) freshness: f32,
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) frame: u32) -> Dot {
    let left = amplitude(0u, i32(frame));
    let right = amplitude(1u, i32(frame));
    // Both channels at 1 reach the end of the shorter edge.
    let radius = 0.5 * min(scope.size_px.x, scope.size_px.y);
    let middle = 0.5 * scope.size_px + radius * 0.5 * vec2f(right - left, left + right);
    let side = select(vec2f(-1.0), vec2f(1.0), vec2<bool>(corner % 2u == 1u, corner >= 2u));
    let place = middle + side * (0.5 * scope.dot_px + 1.0);
    let freshness = f32(frame + 1u) / f32(scope.frames);
    return Dot(vec4f(2.0 * place / scope.size_px - 1.0, 0.0, 1.0), middle, freshness);
}

@fragment
fn fragment(dot: Dot) -> @location(0) vec4f {
    let place = place_in_pane(dot.position, 0u, scope.size_px);
    let coverage = dot.freshness * stroked(scope.dot_px, distance(place, dot.middle));
    return over(scope.color, coverage, vec4f());
}
