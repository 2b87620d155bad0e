// The views of tests/render/golden, drawn by the package. The tests reach it as `golden`; what crosses to them is plain data.

import { loadRenderer } from '../package/spectrum/loading.js';

const read = async (name) => {
  const response = await fetch(`../golden/${name}`);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
};

const { draws, views, themes, common, fftSize, sampleRate } = await (await read('views.json')).json();
const { width, height } = common;

// What the file has in turn: two spectra of both planes, and the frames.
const sound = new Float32Array(await (await read('sound.f32le')).arrayBuffer());
const bins = fftSize / 2 + 1;
const spectra = [0, 1].map((moment) => sound.subarray(2 * bins * moment, 2 * bins * (moment + 1)));
const frames = sound.subarray(4 * bins);

/** The pixels of what is painted. */
function painted(paint) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  paint(context);
  return context.getImageData(0, 0, width, height).data;
}

/** Each part's difference of two pictures, opaque. */
const minus = (pixels, others) => pixels.map((part, at) => (at % 4 === 3 ? 255 : Math.abs(part - others[at])));

/** How much two pictures differ, in steps of 255: the greatest of all parts' differences, and their mean. */
function measured(difference) {
  const parts = difference.filter((_, at) => at % 4 !== 3);
  return { greatest: parts.reduce((most, part) => Math.max(most, part)), mean: parts.reduce((sum, part) => sum + part) / parts.length };
}

/** A view after the last of the draws, with what is changed of its settings, on its background. */
async function drawn(name, allowWebGpu, settings = {}) {
  const { theme, canvas: _, ...own } = views[name];
  const { background, ...colors } = themes[theme];
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const renderer = await (await loadRenderer()).create(canvas, allowWebGpu);
  renderer.configure({ fftSize, sampleRate, ...common, view: name, colors, ...own, ...settings });
  renderer.writeFrames(frames);
  const planes = (own.channels ?? common.channels) === 'mono' ? 1 : 2;
  for (const { milliseconds, spectrum } of draws) {
    renderer.writePower(spectra[spectrum].subarray(0, planes * bins));
    renderer.draw(milliseconds);
  }
  // In the same task, or the canvas may be empty again.
  const pixels = painted((context) => {
    context.fillStyle = `rgb(${background})`;
    context.fillRect(0, 0, width, height);
    context.drawImage(canvas, 0, 0);
  });
  const { backend, backendReason } = renderer;
  renderer.free();
  return { pixels, backend, backendReason };
}

/** A PNG of pixels. */
function urlOf(pixels) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d').putImageData(new ImageData(pixels, width), 0, 0);
  return canvas.toDataURL();
}

// What was drawn last, and what it should be.
let actual;
let golden;

window.golden = {
  /** How much a view, with what is changed of its settings, differs from its golden image. */
  async difference(name, allowWebGpu, settings) {
    const { pixels, ...who } = await drawn(name, allowWebGpu, settings);
    const image = await createImageBitmap(await (await read(`${name}.png`)).blob());
    actual = pixels;
    golden = painted((context) => context.drawImage(image, 0, 0));
    return { ...who, ...measured(minus(actual, golden)) };
  },

  /** How much what was drawn last differs when it has moved; what comes in from the edges is as the edges were. */
  moved(right, down) {
    const pixels = painted((context) => {
      context.putImageData(new ImageData(actual, width), 0, 0);
      context.drawImage(context.canvas, right, down);
    });
    return measured(minus(pixels, golden));
  },

  /** What was drawn last, and the difference. */
  pictures: () => ({ actual: urlOf(actual), difference: urlOf(minus(actual, golden)) }),
};
