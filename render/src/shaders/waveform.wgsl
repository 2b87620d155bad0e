// What the draw passes of a waveform are bound to: `samples[channel]`, the newest frame last.

@group(0) @binding(0) var<uniform> scope: Scope;
@group(0) @binding(1) var<storage, read> samples: array<f32>;

fn amplitude(channel: u32, frame: i32) -> f32 {
    return scope.gain * samples[channel * scope.frames + u32(clamp(frame, 0, i32(scope.frames) - 1))];
}
