// Peaks that are held, and then fall.

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
    let index = invocation.x;
    if index >= arrayLength(&peaks) {
        return;
    }
    let power = smoothed[index];
    let age_s = peaks[index].age_s + frame.elapsed_s;
    let falling_s = clamp(age_s - frame.hold_s, 0.0, frame.elapsed_s);
    let fallen = peaks[index].power * exp2(-frame.fall_log2_per_s * falling_s);
    if power >= fallen {
        peaks[index] = Peak(power, 0.0);
    } else {
        peaks[index] = Peak(fallen, age_s);
    }
}
