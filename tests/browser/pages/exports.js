/** The bytes of a module in which two exports have each other's names, if it has both. */
export function exchangeExports(buffer, first, second) {
  const bytes = new Uint8Array(buffer);
  const names = [first, second].map((text) => [text.length, ...new TextEncoder().encode(text)]);
  const places = names.map((name) => bytes.findIndex((_, at) => name.every((byte, index) => bytes[at + index] === byte)));
  if (places.includes(-1)) return buffer;
  // The names are exchanged and not the indices behind them, whose encodings may differ in length.
  const [one, other] = places[0] < places[1] ? [0, 1] : [1, 0];
  const [between, behind] = [one, other].map((index) => places[index] + names[index].length);
  return new Uint8Array([
    ...bytes.subarray(0, places[one]), ...names[other], ...bytes.subarray(between, places[other]), ...names[one], ...bytes.subarray(behind),
  ]).buffer;
}
