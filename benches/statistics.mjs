// What the benches say of many measurements.

/** The value below which `share` of `values` lie, interpolated between neighbours. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The middle value. */
export function median(values) {
  return quantile(values, 0.5);
}
