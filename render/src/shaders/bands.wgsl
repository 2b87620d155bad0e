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

fn maximum(band: Band, channel: u32, lane: u32) -> f32 {
    let last = frame.bins - 1u;
    let middle = 0.5 * (band.lower + band.upper) - 0.5;
    if middle > f32(last) {
        return 0.0;
    }
    let position = max(middle, 0.0);
    let below = u32(position);
    let left = log2(max(finite(powers[channel + below]), FLOOR));
    let right = log2(max(finite(powers[channel + min(last, below + 1u)]), FLOOR));
    var greatest = exp2(mix(left, right, fract(position)));
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
