/** Tabs as the ARIA pattern has them: arrows move, only the chosen one is in the tab order. */

import { h, uid } from "./dom.js";

/** @param {string} label @param {Array<[string, HTMLElement]>} parts */
export function tabs(label, parts) {
  const list = h("div", { role: "tablist", "aria-label": label, class: "jn-tabs" });
  const panels = h("div");
  /** @type {any[]} */
  const heads = [];

  /** @param {number} chosen @param {boolean} focus */
  const choose = (chosen, focus) => {
    parts.forEach(([, panel], i) => {
      heads[i].setAttribute("aria-selected", String(i === chosen));
      heads[i].tabIndex = i === chosen ? 0 : -1;
      panel.hidden = i !== chosen;
    });
    if (focus) heads[chosen].focus();
  };
  /** @param {KeyboardEvent} event @param {number} at */
  const key = (event, at) => {
    const count = parts.length;
    const next = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next, true);
  };
  parts.forEach(([title, panel], i) => {
    panel.id ||= uid("panel");
    const head = h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "jn-tab",
        id: uid("tab"),
        "aria-controls": panel.id,
        onclick: () => choose(i, false),
        onkeydown: (/** @type {KeyboardEvent} */ event) => key(event, i),
      },
      title,
    );
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", head.id);
    panel.tabIndex = 0;
    heads.push(head);
    list.appendChild(head);
    panels.appendChild(panel);
  });
  choose(0, false);
  return { node: h("div", { class: "jn-tabbed" }, list, panels), choose };
}
