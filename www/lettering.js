// The page's own lettering: letters and figures of one line of even weight, drawn as SVG strokes on a
// grid where a capital or a figure is 100 high and the baseline lies at 100.

const GAP = 20;

// [advance width, path]
const GLYPHS = {
  0: [56, 'M28 0C46 0 56 20 56 50S46 100 28 100 0 80 0 50 10 0 28 0Z'],
  1: [56, 'M16 18 34 0V100'],
  2: [56, 'M2 26C2 10 13 0 28 0S54 11 54 27C54 52 4 70 2 100H56'],
  3: [56, 'M4 16C9 6 17 0 28 0 43 0 52 10 52 24S42 47 24 47C43 47 56 57 56 73S43 100 27 100C14 100 4 93 0 82'],
  4: [56, 'M42 100V0L0 70H56'],
  5: [56, 'M50 0H10L5 45C11 40 19 37 28 37 44 37 56 50 56 68S43 100 26 100C14 100 4 94 0 84'],
  6: [56, 'M45 2C22 8 0 34 0 69 0 87 12 100 28 100S56 87 56 69 44 38 28 38 0 51 0 69'],
  7: [56, 'M0 0H56L20 100'],
  8: [56, 'M28 46C14 46 5 36 5 23S14 0 28 0 51 10 51 23 42 46 28 46C11 46 0 57 0 73S11 100 28 100 56 89 56 73 45 46 28 46Z'],
  9: [56, 'M11 98C34 92 56 66 56 31 56 13 44 0 28 0S0 13 0 31 12 62 28 62 56 49 56 31'],
  ':': [6, 'M3 36V36.1M3 86V86.1'],
  '-': [40, 'M0 55H40'],
  ' ': [18, ''],
  R: [58, 'M2 100V0H28C44 0 54 10 54 27S44 54 28 54H2M30 54 58 100'],
  A: [74, 'M0 100 37 0 74 100M13 66H61'],
  u: [50, 'M0 36V74C0 91 9 100 23 100 39 100 50 88 50 72M50 36V100'],
  s: [42, 'M39 46C35 39 29 36 21 36 10 36 3 42 3 51 3 72 42 61 42 82 42 93 33 100 21 100 11 100 4 96 0 88'],
  t: [36, 'M12 12V84C12 94 17 100 26 100 30 100 33 99 36 97M0 36H33'],
  y: [52, 'M0 36 26 98M52 36 24 106C20 118 14 124 2 124'],
  d: [52, 'M52 0V100M52 68C52 49 42 36 26 36 10 36 0 49 0 68S10 100 26 100C42 100 52 87 52 68Z'],
  i: [4, 'M2 36V100M2 10V10.1'],
  o: [56, 'M28 36C45 36 56 49 56 68S45 100 28 100 0 87 0 68 11 36 28 36Z'],
};

const SVG = 'http://www.w3.org/2000/svg';
const PADDING = 6;

/**
 * Draws `text` into `element` as one SVG, whose height CSS decides. Characters without a drawing are
 * left out. Called every frame by the clock, so it touches the document only when the text changed.
 */
export function letter(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;

  let svg = element.firstElementChild;
  if (!svg) {
    svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('aria-hidden', 'true');
    element.append(svg);
  }
  const descends = /y/.test(text);
  let x = 0;
  let count = 0;
  for (const character of text) {
    const glyph = GLYPHS[character];
    if (!glyph) continue;
    const [width, outline] = glyph;
    const path = svg.children[count] ?? svg.appendChild(document.createElementNS(SVG, 'path'));
    path.setAttribute('d', outline);
    path.setAttribute('transform', `translate(${x} 0)`);
    path.classList.toggle('punctuation', character === ':');
    x += width + GAP;
    count += 1;
  }
  while (svg.children.length > count) svg.lastElementChild.remove();
  const height = 100 + (descends ? 24 : 0);
  svg.setAttribute('viewBox', `${-PADDING} ${-PADDING} ${Math.max(x - GAP, 1) + 2 * PADDING} ${height + 2 * PADDING}`);
  svg.style.aspectRatio = `${Math.max(x - GAP, 1) + 2 * PADDING} / ${height + 2 * PADDING}`;
}
