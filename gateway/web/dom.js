// SPDX-License-Identifier: MIT
// dom.js - making and keeping elements.
//
// What users wrote only ever becomes text nodes and attribute values here;
// nothing is parsed as HTML.

/**
 * Makes an element.
 * @param {string} tag
 * @param {object} [props] `on…` listeners, `dataset`, else attributes; false,
 *   null and undefined leave an attribute out, true makes it empty
 * @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** The element of the page that has this id. @param {string} id */
export function byId(id) {
  return document.getElementById(id);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes a line icon of 20 by 20 units, drawn in the text's colour.
 * @param {string} path SVG path data
 */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

const keptNodes = new WeakMap(); // parent -> Map(key -> node)

/**
 * Makes a parent's children be those of `items`, in their order. An element
 * whose key was there before is kept, with its focus and its scroll place.
 * @param {HTMLElement} parent
 * @param {object[]} items
 * @param {object} how
 * @param {function(object): string} how.key unique among the items
 * @param {function(object): HTMLElement} how.make
 * @param {function(HTMLElement, object): void} [how.update]
 */
export function reconcile(parent, items, { key, make, update }) {
  const before = keptNodes.get(parent) ?? new Map();
  const after = new Map();
  const focused = document.activeElement;
  for (const item of items)
    after.set(key(item), before.get(key(item)) ?? make(item));
  for (const [id, node] of before) if (!after.has(id)) node.remove();
  let next = parent.firstElementChild;
  for (const item of items) {
    const node = after.get(key(item));
    update?.(node, item);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  keptNodes.set(parent, after);
  if (focused !== document.activeElement && parent.contains(focused))
    focused.focus({ preventScroll: true });
}

/** Sets a text only if it differs, so that nothing is announced twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
