// The page's elements, and the text in them.

/** The element with that id. */
export const byId = (id) => document.getElementById(id);

/** Sets the text of `element`. Leaves the document alone when it is there already: some text is set every frame. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A new element with classes and text. */
export function makeElement(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A new button with an icon of the page's symbols; `label` is what a screen reader says. */
export function makeIconButton(icon, label, className = '') {
  const button = makeElement('button', `icon-button ${className}`.trim());
  button.type = 'button';
  button.setAttribute('aria-label', label);
  button.innerHTML = `<svg><use href="#icon-${icon}"/></svg>`;
  return button;
}
