// The elements of a view, made one by one: no page's policy has anything against that.

import { findAsset } from '../assets.js';

/** A new element with attributes. Those that are parts, for the host's styles, have a class of the same name. */
function make<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  return made;
}

function setAttributes(element: Element, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
    if (name === 'part') element.setAttribute('class', value);
  }
}

/** All of them; what belongs to the plot is in it. */
export function makeParts() {
  const style = make('link', { rel: 'stylesheet', href: findAsset('spectrum/style.css') });
  const plot = make('div', {
    part: 'plot', tabindex: '0', role: 'slider', 'aria-label': 'Spectrum', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '50',
  });
  const grid = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  setAttributes(grid, { part: 'grid', 'aria-hidden': 'true' });
  const cursor = make('div', { part: 'cursor', hidden: '' });
  const reading = make('output', { part: 'reading', 'aria-hidden': 'true' });
  const age = make('span', { part: 'age', title: 'From the newest sample to its light: how old the newest sample in the picture is when it is shown', hidden: '' });
  const summary = make('p', { class: 'summary', role: 'status' });
  plot.append(grid, cursor, reading, age);
  return { style, plot, grid, cursor, reading, age, summary };
}
