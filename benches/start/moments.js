// When things happened on this page, in milliseconds since its navigation began.

/** Fills `moments` with the time of each event that the empty worklet `node` reports. */
export function record(node, moments) {
  node.port.onmessage = ({ data }) => { moments[data] ??= performance.now(); };
}

/** Calls `play` on a click on the button, and notes the time of the click as the browser took it in. */
export function onClick(moments, play) {
  document.getElementById('play').addEventListener('click', (event) => {
    moments.click = event.timeStamp;
    play();
  });
}
