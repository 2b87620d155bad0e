// Levels become columns of a scrolling spectrogram: `levels[channel]` has a column for each x and a band for each y. They are
// written above the floor, so that what was never written is silence.

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
    let index = invocation.x;
    if index >= arrayLength(&newest) {
        return;
    }
    let power = band_powers[index];
    newest[index] = select(max(power, newest[index]), power, frame.column_is_new == 1u);
    let level = vec4f(decibels(newest[index]) - FLOOR_DB, 0.0, 0.0, 0.0);
    let width = textureDimensions(levels).x;
    for (var column = 0u; column < frame.columns; column++) {
        let place = vec2u((frame.column + column) % width, index % frame.bands);
        textureStore(levels, place, index / frame.bands, level);
    }
}
