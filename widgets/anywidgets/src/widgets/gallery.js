/** Gallery: pictures with scores, picked by mouse or keys. */

import { number } from "../cells.js";
import { button, h, labelled, select, uid } from "../dom.js";
import { frame } from "../host.js";
import { columnsOf, led, ordered, toggled } from "../picking.js";
import { statusLine } from "../status.js";

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const root = frame(el, "gallery", "Gallery");
  const status = statusLine(model);
  const count = h("span", { role: "status", class: "jn-note" });
  const hint = h("p", { class: "jn-note", id: uid("hint") }, "Arrow keys move, Space picks, Enter enlarges, Ctrl+A picks all, Escape none.");
  const tiles = h("div", { class: "jn-tiles", role: "listbox", "aria-multiselectable": "true", "aria-label": "Pictures", "aria-describedby": hint.id });
  const scored = model.get("scores").some((/** @type {number | null} */ score) => score !== null);
  const sort = select([["order", "as given"], ["score", "score"]], scored ? "score" : "order", () => fill());
  const size = h("input", { type: "range", min: 80, max: 320, value: 160, oninput: () => root.style.setProperty("--jn-side", `${size.value}px`) });
  const pick = (/** @type {number[]} */ picked) => {
    model.set("selected", picked);
    model.save_changes();
  };
  const all = () => pick(model.get("captions").map((/** @type {string} */ _, /** @type {number} */ i) => i));
  const tools = h(
    "div",
    { class: "jn-tools" },
    scored ? labelled("Sort by", sort) : null,
    labelled("Size", size),
    button("Pick all", all),
    button("Pick none", () => pick([])),
    count,
  );
  const addresses = model.get("images").map((/** @type {any} */ data) => URL.createObjectURL(new Blob([data], { type: "image/jpeg" })));
  const dialog = enlargement();
  root.append(tools, hint, tiles, status.node, dialog.node);

  /** @type {any[]} */
  let shown = [];
  const fill = () => {
    const order = ordered(model.get("scores"), sort.value);
    shown = order.map((position) => tile(position));
    tiles.replaceChildren(...shown);
    for (const [i, one] of shown.entries()) one.tabIndex = i === 0 ? 0 : -1;
    show();
  };
  const show = () => {
    const picked = new Set(model.get("selected"));
    for (const one of shown) one.setAttribute("aria-selected", String(picked.has(Number(one.dataset.position))));
    count.textContent = `${picked.size} of ${shown.length} picked`;
  };
  /** @param {any} one */
  const focus = (one) => {
    for (const other of shown) other.tabIndex = other === one ? 0 : -1;
    one.focus();
  };
  /** @param {KeyboardEvent} event @param {number} position */
  const key = (event, position) => {
    const at = shown.findIndex((one) => Number(one.dataset.position) === position);
    const to = led(event.key, at, shown.length, columnsOf(shown));
    if (to !== null) {
      focus(shown[to]);
      if (event.shiftKey) pick([...new Set([...model.get("selected"), position, Number(shown[to].dataset.position)])].sort((a, b) => a - b));
    } else if (event.key === " ") pick(toggled(model.get("selected"), position));
    else if (event.key === "Enter") model.send({ do: "enlarge", position });
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) all();
    else if (event.key === "Escape") pick([]);
    else return;
    event.preventDefault();
  };
  /** @param {number} position */
  const tile = (position) => {
    const caption = model.get("captions")[position] || `picture ${position}`;
    const score = model.get("scores")[position];
    return h(
      "div",
      {
        role: "option",
        class: "jn-tile",
        "data-position": position,
        "aria-label": score === null ? caption : `${caption}, score ${number(score)}`,
        onclick: () => {
          focus(shown.find((one) => Number(one.dataset.position) === position));
          pick(toggled(model.get("selected"), position));
        },
        ondblclick: () => model.send({ do: "enlarge", position }),
        onkeydown: (/** @type {KeyboardEvent} */ event) => key(event, position),
      },
      h("img", { src: addresses[position], alt: "", draggable: false }),
      h("span", { class: "jn-caption" }, h("span", { class: "jn-tick" }, "✓ "), h("bdi", {}, caption)),
      score === null ? null : h("span", { class: "jn-score" }, number(score)),
    );
  };
  const enlarge = () => {
    const { position, image } = model.get("enlarged");
    if (position >= 0) dialog.open(model.get("captions")[position] || `picture ${position}`, image);
  };
  model.on("change:selected", show);
  model.on("change:enlarged", enlarge);
  fill();
  return () => {
    model.off("change:selected", show);
    model.off("change:enlarged", enlarge);
    for (const address of addresses) URL.revokeObjectURL(address);
    status.end();
  };
}

function enlargement() {
  const image = h("img", {});
  const caption = h("p", {});
  const node = h("dialog", { "aria-label": "Enlarged" }, image, caption);
  node.appendChild(button("Close", () => node.close()));
  /** @param {string} text @param {any} data */
  const open = (text, data) => {
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
    image.alt = text;
    caption.textContent = text;
    if (!node.open) node.showModal();
  };
  return { node, open };
}

export default { render };
