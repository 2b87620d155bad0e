// Elements of the display, made one by one: no page's policy has anything against that.

const SVG = 'http://www.w3.org/2000/svg';

/** A new element with classes and content. */
export function make<K extends keyof HTMLElementTagNameMap>(name: K, className = '', ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A new button. */
export function makeButton(label: string, press: () => void): HTMLButtonElement {
  const button = make('button', '', label);
  button.type = 'button';
  button.addEventListener('click', press);
  return button;
}

/** A new button that stays pressed until it is pressed again. */
export function makeToggle(label: string, press: (isPressed: boolean) => void): HTMLButtonElement {
  const button = makeButton(label, () => {
    const isPressed = button.getAttribute('aria-pressed') !== 'true';
    setAttribute(button, 'aria-pressed', String(isPressed));
    press(isPressed);
  });
  setAttribute(button, 'aria-pressed', 'false');
  return button;
}

/** A new drawing of so many units, which is stretched to its place, and is nothing to be read aloud. */
export function makeDrawing(className: string, width: number, height: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  setAttribute(svg, 'class', className);
  setAttribute(svg, 'viewBox', `0 0 ${width} ${height}`);
  setAttribute(svg, 'preserveAspectRatio', 'none');
  setAttribute(svg, 'aria-hidden', 'true');
  return svg;
}

/** A new shape at the end of a drawing. */
export function addShape(svg: SVGSVGElement, name: 'path' | 'rect', className: string): SVGElement {
  const shape = document.createElementNS(SVG, name);
  setAttribute(shape, 'class', className);
  svg.append(shape);
  return shape;
}

/** Sets the text of an element. Leaves the document alone where it is there already. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute. Leaves the document alone where it is there already. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows an element, or does not. Leaves the document alone where it is so already. */
export function setHidden(element: HTMLElement, isHidden: boolean): void {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}
