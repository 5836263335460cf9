/** Small builders of elements: everything shown is made here, never from HTML text. */

/** @typedef {Node | string | null | undefined | false | Array<Node | string | null | undefined | false>} Child */

const SVG = "http://www.w3.org/2000/svg";
const OWN = Math.random().toString(36).slice(2, 8); // every widget's script has its own copy of this module
let last = 0;

/** An id that no other view on the page has. @param {string} name */
export function uid(name) {
  last += 1;
  return `jn-${name}-${OWN}-${last}`;
}

/**
 * An element. `on…` are listeners, names that the element knows are properties, all others attributes.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const node = /** @type {any} */ (document.createElement(tag));
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "style") node.style.cssText = value;
    else if (key in node && !/^(aria|data|role|list|form|tabindex|for)/.test(key)) node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

/** An element of SVG. @param {string} tag @param {Record<string, any>} [attributes] @param {...Child} children @returns {any} */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, String(value));
  }
  append(node, children);
  return node;
}

/** @param {Node} node @param {Child[]} children */
function append(node, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
}

/** A control with its visible label. @param {string} label @param {any} control @param {string} [extra] */
export function labelled(label, control, extra = "") {
  control.id ||= uid("control");
  return h("span", { class: `jn-field ${extra}`.trim() }, h("label", { for: control.id }, label), control);
}

/** @param {string} label @param {() => void} act @param {Record<string, any>} [props] */
export function button(label, act, props = {}) {
  return h("button", { type: "button", class: "jn-button", onclick: act, ...props }, label);
}

/** @param {Array<string | [string, string]>} options @param {string} value @param {(value: string) => void} act */
export function select(options, value, act) {
  const node = h("select", { class: "jn-select", onchange: () => act(node.value) });
  fill(node, options, value);
  return node;
}

/** @param {any} node @param {Array<string | [string, string]>} options @param {string} value */
export function fill(node, options, value) {
  node.replaceChildren(
    ...options.map((option) => {
      const [key, text] = typeof option === "string" ? [option, option] : option;
      return h("option", { value: key }, text);
    }),
  );
  node.value = value;
}

/** Puts text on the clipboard; where the page may not, selects it in a box to be copied by hand. @param {string} text @param {HTMLElement} place */
export async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = h("textarea", { class: "jn-code", readOnly: true, rows: 4, "aria-label": "Text to copy" });
    box.value = text;
    place.appendChild(box);
    box.focus();
    box.select();
    box.addEventListener("blur", () => box.remove(), { once: true });
    return false;
  }
}
