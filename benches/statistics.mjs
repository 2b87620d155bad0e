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

/** The mean of the middle half: nearly the median, but not rounded to the steps of a coarse clock. */
export function midmean(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil(sorted.length * 3 / 4));
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
