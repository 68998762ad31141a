// Building and updating elements. Text is only ever set as text: nothing here reads markup.

import { ago, plain, utc } from './text.js';

const rows = new WeakMap();
const shown = new WeakMap();

/** An element with attributes (null and false leave one out, a function is a listener) and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? '' : value);
  }

  made.append(...children.filter(child => child !== null));
  return made;
}

export const byId = id => document.getElementById(id);

/** Sets text only where it differs: what does not change is neither painted nor spoken again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** The shape of a state: ok, working, attention, bad, paused or unknown. */
export function shape(state) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'shape');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#shape-${state}`);
  svg.append(use);
  return svg;
}

export function setState(node, state) {
  setAttribute(node, 'data-state', state);
  const use = node.querySelector('.shape use');
  if (use) setAttribute(use, 'href', `#shape-${state}`);
}

/** Text of strangers, apart from the direction of what surrounds it. */
export function strange(text, most) {
  const made = element('bdi');
  setStrange(made, text, most);
  return made;
}

export function setStrange(node, text, most) {
  setText(node, plain(text, most));
}

/** How long ago a time was, kept true by {@link tick}; the exact time is its title. */
export function since(time) {
  const made = element('time', { 'data-ago': true });
  setSince(made, time);
  return made;
}

export function setSince(node, time) {
  setAttribute(node, 'datetime', time);
  setAttribute(node, 'title', utc(time));
  setText(node, ago(time));
}

/** Brings every age on the page up to date. */
export function tick() {
  for (const node of document.querySelectorAll('time[data-ago]')) setText(node, ago(node.dateTime));
}

/**
 * Makes the keyed children of a parent those of the items, in their order. An element whose key stays is kept, with its focus and what was opened in it;
 * other children of the parent stay in front.
 */
export function sync(parent, items, keyOf, create, update) {
  const before = rows.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!after.has(key)) after.set(key, before.get(key) ?? create(item));
  }

  for (const [key, node] of before) if (!after.has(key)) node.remove();
  let last = null;
  for (const node of [...after.values()].reverse()) {
    if (node.parentNode !== parent || node.nextSibling !== last) parent.insertBefore(node, last);
    last = node;
  }

  rows.set(parent, after);
  for (const item of items) update?.(after.get(keyOf(item)), item);
}

/** Makes the whole content of a node what a function makes of a value, when the value differs from what is shown. */
export function show(node, value, make) {
  const text = JSON.stringify(value);
  if (shown.get(node) === text) return;

  shown.set(node, text);
  node.replaceChildren(...make(value));
}
