// One animation loop for everything that moves. It stands still while the page is hidden.

const drawers = new Set();
let scheduled = 0;

function drawAll(timeMs) {
  scheduled = document.hidden ? 0 : requestAnimationFrame(drawAll);
  for (const draw of drawers) draw(timeMs);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && scheduled === 0) scheduled = requestAnimationFrame(drawAll);
});

/** Calls `draw(timeMs)` before every repaint from now on, at most `ratePerSecond` times a second. */
export function eachFrame(draw, ratePerSecond = Infinity) {
  const interval = 1000 / ratePerSecond;
  let due = 0;
  drawers.add((timeMs) => {
    if (timeMs < due) return;
    due = timeMs + interval;
    draw(timeMs);
  });
  if (scheduled === 0 && !document.hidden) scheduled = requestAnimationFrame(drawAll);
}
