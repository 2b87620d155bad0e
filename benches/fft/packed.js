// The packed order, which several libraries have.

/** The bins of a packed spectrum, whose first bin has the real part of the last in place of its imaginary one. */
export function unpack(packed) {
  const bins = new Float32Array(packed.length + 2);
  bins.set(packed);
  bins[packed.length] = packed[1];
  bins[1] = 0;
  return bins;
}
