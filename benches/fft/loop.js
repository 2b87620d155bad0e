// Loops in JavaScript around calls of WebAssembly.

/**
 * A function that makes the calls `times` times; each is a function and its arguments, all numbers. Every loop is compiled
 * by itself, so that the browser knows what it calls and no contender pays for another.
 */
export function loop(...calls) {
  const text = calls.map(([, ...values], index) => `f${index}(${values.join(', ')});`).join(' ');
  const make = new Function(...calls.map((_, index) => `f${index}`), `return (times) => { for (let time = 0; time < times; time += 1) { ${text} } };`);
  return make(...calls.map(([call]) => call));
}
