/** A whole result of the vendor JSON: title, facts, notes, tables, prose and grids. */

import { number } from "./cells.js";
import { h } from "./dom.js";
import { itemsOf, rankView } from "./ranks.js";
import { tableView } from "./table.js";
import { tabs } from "./tabs.js";

/** @param {any} page @param {(text: string) => string} [say] */
export function pageView(page, say = (text) => text) {
  return h("div", { class: "jn-page" }, ...headView(page), ...page.blocks.map((/** @type {any} */ block) => blockView(block, say)));
}

/** Title, facts and notes. @param {any} page @returns {Node[]} */
export function headView(page) {
  const facts = page.facts.map((/** @type {[string, string]} */ [label, value]) => `${label}: ${value}`).join(", ");
  return [
    h("p", { class: "jn-title" }, h("strong", {}, h("bdi", {}, page.title))),
    ...(facts ? [h("p", { class: "jn-note" }, facts)] : []),
    ...page.notes.map((/** @type {string} */ note) => h("p", { class: "jn-warning" }, note)),
  ];
}

/** @param {any} block @param {(text: string) => string} say */
function blockView(block, say) {
  if (block.type === "prose") {
    return h("div", {}, block.caption ? h("p", { class: "jn-note" }, block.caption) : null, h("pre", { class: "jn-prose" }, block.text));
  }
  if (block.type === "grid") return gridView(block);
  const moved = itemsOf(block);
  if (moved.length < 2) return tableView(block, { say });
  return tabs(say("Views"), [
    [say("Results"), h("div", {}, tableView(block, { say }))],
    [say("Rank changes"), h("div", {}, rankView(moved, say))],
  ]).node;
}

/** Numbers on a scale from pale to strong; the number itself is always there. @param {any} block */
export function gridView(block) {
  const numbers = block.values.flat().filter((/** @type {number | null} */ value) => value !== null);
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const share = (/** @type {number} */ value) => (high > low ? (value - low) / (high - low) : 0);
  const head = h("tr", {}, h("td"), ...block.columns.map((/** @type {string} */ name) => h("th", { scope: "col" }, name)));
  const rows = block.rows.map((/** @type {string} */ name, /** @type {number} */ i) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      ...block.values[i].map((/** @type {number | null} */ value) =>
        value === null
          ? h("td", {}, "–")
          : h("td", { class: "jn-shade", style: shade(share(value)), title: number(value) }, value.toFixed(2)),
      ),
    ),
  );
  const caption = block.caption ? [h("caption", {}, block.caption)] : [];
  return h(
    "div",
    { class: "jn-scroll", tabIndex: 0, role: "region", "aria-label": block.caption || "Grid" },
    h("table", { class: "jn-grid" }, ...caption, h("thead", {}, head), h("tbody", {}, ...rows)),
  );
}

/** White to dark blue with the text colour that stands out on it. @param {number} share from 0 to 1 */
export function shade(share) {
  const mixed = [0, 60, 120].map((dark) => Math.round(255 + (dark - 255) * share));
  return `background-color: rgb(${mixed.join(", ")}); color: ${share > 0.685 ? "#ffffff" : "#000000"}`;
}
