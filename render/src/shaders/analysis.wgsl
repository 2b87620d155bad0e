// What the compute passes are bound to. Values of several channels follow one another.

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> powers: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<Band>;
@group(0) @binding(3) var<storage, read_write> band_powers: array<f32>;
@group(0) @binding(4) var<storage, read_write> smoothed: array<f32>;
@group(0) @binding(5) var<storage, read_write> peaks: array<Peak>;
@group(0) @binding(6) var<storage, read_write> newest: array<f32>;
@group(0) @binding(7) var levels: texture_storage_2d_array<r32float, write>;
