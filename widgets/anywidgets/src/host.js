/** The frame around every widget, and the colours of the page that it stands in. */

import { h } from "./dom.js";

/**
 * The root that a widget draws in. Keys pressed in it are its own: a notebook's shortcuts stay out.
 * @param {HTMLElement} el
 * @param {string} name
 * @param {string} label
 */
export function frame(el, name, label) {
  const root = h("section", {
    class: `jn-widget jn-${name}`,
    "aria-label": label,
    "data-lm-suppress-shortcuts": "true",
  });
  for (const kind of ["keydown", "keyup", "keypress"]) {
    root.addEventListener(kind, (/** @type {Event} */ event) => event.stopPropagation()); // a notebook would take the focus
  }
  el.appendChild(root);
  return /** @type {HTMLElement} */ (root);
}

/**
 * Calls `act` whenever the host changes between light, dark and high contrast. Returns what ends that.
 * @param {() => void} act
 */
export function onTheme(act) {
  const watcher = new MutationObserver(act);
  const watched = { attributes: true, attributeFilter: ["class", "data-jp-theme-name", "data-jp-theme-light", "data-vscode-theme-kind", "style"] };
  watcher.observe(document.documentElement, watched);
  watcher.observe(document.body, watched);
  watcher.observe(document.head, { childList: true });
  const loaded = (/** @type {Event} */ event) => {
    if (event.target instanceof HTMLLinkElement) act(); // a theme's colours come after its name
  };
  document.addEventListener("load", loaded, true);
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", act);
  return () => {
    watcher.disconnect();
    document.removeEventListener("load", loaded, true);
    for (const query of queries) query.removeEventListener("change", act);
  };
}

/** A colour as the root's style resolves it. @param {Element} root @param {string} name */
export function colour(root, name) {
  const probe = h("span", { style: `color: var(${name}); display: none` });
  root.appendChild(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Red, green, blue from 0 to 1. @param {string} text @returns {[number, number, number]} */
export function rgb(text) {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return text.startsWith("color(") ? [red, green, blue] : [red / 255, green / 255, blue / 255];
}
