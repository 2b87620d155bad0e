// Powers of bins become powers of bands: a workgroup for each band of each channel.

var<workgroup> reduced: array<f32, LANES>;

// Infinities and NaN by their exponent; comparisons may be optimised away.
fn finite(power: f32) -> f32 {
    return select(power, 0.0, (bitcast<u32>(power) & 0x7f800000u) == 0x7f800000u);
}

fn sum(band: Band, channel: u32, lane: u32) -> f32 {
    var total = 0.0;
    for (var bin = u32(band.lower) + lane; bin < frame.bins && f32(bin) < band.upper; bin += LANES) {
        let share = min(f32(bin) + 1.0, band.upper) - max(f32(bin), band.lower);
        total += share * finite(powers[channel + bin]);
    }
    return total;
}

fn level(channel: u32, bin: u32) -> f32 {
    return log2(max(finite(powers[channel + min(bin, frame.bins - 1u)]), FLOOR));
}

fn slope(left: f32, right: f32) -> f32 {
    return select(0.0, 2.0 * left * right / (left + right), left * right > 0.0);
}

fn maximum(band: Band, channel: u32, lane: u32) -> f32 {
    let middle = 0.5 * (band.lower + band.upper) - 0.5;
    if middle > f32(frame.bins - 1u) {
        return 0.0;
    }
    let position = max(middle, 0.0);
    let below = u32(position);
    let t = fract(position);
    let left = level(channel, below);
    let right = level(channel, below + 1u);
    let step = right - left;
    let m0 = slope(left - level(channel, max(below, 1u) - 1u), step);
    let m1 = slope(step, level(channel, below + 2u) - right);
    var greatest = exp2(left + t * (m0 + t * (3.0 * step - 2.0 * m0 - m1 + t * (m0 + m1 - 2.0 * step))));
    let first = u32(max(ceil(band.lower - 0.5), 0.0));
    for (var bin = first + lane; bin < frame.bins && f32(bin) + 0.5 < band.upper; bin += LANES) {
        greatest = max(greatest, finite(powers[channel + bin]));
    }
    return greatest;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let band = table[workgroup.x];
    let channel = workgroup.y * frame.bins;
    let is_maximum = frame.reduction == MAXIMUM;
    if is_maximum {
        reduced[lane] = maximum(band, channel, lane);
    } else {
        reduced[lane] = sum(band, channel, lane);
    }
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            let other = reduced[lane + half];
            reduced[lane] = select(reduced[lane] + other, max(reduced[lane], other), is_maximum);
        }
    }
    if lane == 0u {
        band_powers[workgroup.y * frame.bands + workgroup.x] = band.gain * reduced[0];
    }
}
