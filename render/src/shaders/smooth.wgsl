// Attack and release of powers.

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
    let index = invocation.x;
    if index >= arrayLength(&smoothed) {
        return;
    }
    let power = band_powers[index];
    let share = select(frame.release, frame.attack, power > smoothed[index]);
    smoothed[index] += share * (power - smoothed[index]);
}
