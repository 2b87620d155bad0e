// Bars with the marks of held peaks: an instance for each band of each channel.

struct Bar {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) height: f32,
    @location(1) @interpolate(flat) peak: f32,
    @location(2) @interpolate(flat) channel: u32,
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) index: u32) -> Bar {
    let band = table[index % view.bands];
    // Whole pixels, so that all edges are sharp and all gaps alike.
    let left = round(band.left * view.size_px.x);
    let right = max(round(band.right * view.size_px.x) - view.gap_px, left + 1.0);
    let x = select(left, right, corner % 2u == 1u) / view.size_px.x;
    let y = select(-1.0, 1.0, corner >= 2u);
    let channel = index / view.bands;
    return Bar(vec4f(2.0 * x - 1.0, y, 0.0, 1.0), height(smoothed[index]), height(peaks[index].power), channel);
}

@fragment
fn fragment(bar: Bar) -> @location(0) vec4f {
    let bottom = place_in_pane(bar.position, bar.channel, view.size_px).y - 0.5;
    let color = over(gradient(bottom + 0.5), filled(bottom, bar.height), vec4f());
    // The mark stands on the peak, and stays in sight above the upper edge.
    let peak = min(bar.peak, view.size_px.y - view.peak_px);
    let mark = filled(bottom, peak + view.peak_px) - filled(bottom, peak);
    return over(view.peak, select(0.0, mark, peak > 0.0), color);
}
