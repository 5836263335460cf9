/** How documents moved between two stages of a search. */

import { cellText } from "./cells.js";
import { h, labelled, select } from "./dom.js";

/** @typedef {{ name: string, ranks: Record<string, number> }} Moved */

/** Stages in the order in which documents pass them. @param {Moved[]} items */
export function stagesOf(items) {
  /** @type {string[]} */
  const stages = [];
  for (const item of items) for (const stage of Object.keys(item.ranks)) if (!stages.includes(stage)) stages.push(stage);
  return stages;
}

/** @param {Moved[]} items @param {string} from @param {string} to */
export function changes(items, from, to) {
  return items
    .map((item) => ({ name: item.name, from: item.ranks[from] ?? null, to: item.ranks[to] ?? null }))
    .filter((item) => item.from !== null || item.to !== null)
    .sort((a, b) => (a.to ?? Number.POSITIVE_INFINITY) - (b.to ?? Number.POSITIVE_INFINITY));
}

/** @param {{ from: number | null, to: number | null }} change */
export function told(change) {
  if (change.from === null) return "new";
  if (change.to === null) return "gone";
  const by = change.from - change.to;
  return by > 0 ? `▲ up ${by}` : by < 0 ? `▼ down ${-by}` : "same";
}

/** The items of a table of the vendor JSON that has a trail; empty where it has none. @param {any} block @returns {Moved[]} */
export function itemsOf(block) {
  const trail = block.rows[0]?.findIndex((/** @type {any} */ cell) => cell?.type === "trail") ?? -1;
  if (trail < 0) return [];
  const final = block.columns.findIndex((/** @type {any} */ column) => column.key === "rank");
  const id = Math.max(block.columns.findIndex((/** @type {any} */ column) => column.key === "id"), 0);
  return block.rows.map((/** @type {any[]} */ row) => ({
    name: cellText(row[id]),
    ranks: { ...Object.fromEntries(row[trail].steps), ...(final < 0 ? {} : { result: row[final] }) },
  }));
}

/** Two ranked lists side by side, and what happened to each document. @param {Moved[]} items @param {(text: string) => string} [say] */
export function rankView(items, say = (text) => text) {
  const stages = stagesOf(items);
  if (stages.length < 2) return h("p", { class: "jn-empty" }, say("One stage only: nothing moved."));
  let [from, to] = [stages[Math.max(stages.indexOf("rerank") - 1, 0)], stages[stages.length - 1]];
  const body = h("tbody");
  const heads = [h("th", { scope: "col", class: "jn-right" }), h("th", { scope: "col", class: "jn-right" })];
  const show = () => {
    heads[0].textContent = from;
    heads[1].textContent = to;
    body.replaceChildren(
      ...changes(items, from, to).map((change) => {
        const text = told(change);
        return h(
          "tr",
          {},
          h("th", { scope: "row" }, h("bdi", {}, change.name)),
          h("td", { class: "jn-right" }, change.from === null ? "–" : String(change.from)),
          h("td", { class: "jn-right" }, change.to === null ? "–" : String(change.to)),
          h("td", { class: text.startsWith("▲") ? "jn-up" : text.startsWith("▼") ? "jn-down" : "" }, text),
        );
      }),
    );
  };
  const pick = (/** @type {string} */ label, /** @type {string} */ value, /** @type {(v: string) => void} */ act) =>
    labelled(label, select(stages, value, act));
  const tools = h(
    "div",
    { class: "jn-tools" },
    pick(say("From"), from, (value) => {
      from = value;
      show();
    }),
    pick(say("to"), to, (value) => {
      to = value;
      show();
    }),
  );
  show();
  const head = h("tr", {}, h("th", { scope: "col" }, say("document")), ...heads, h("th", { scope: "col" }, say("change")));
  return h("div", {}, tools, h("table", { class: "jn-table jn-ranks" }, h("caption", {}, say("Rank changes")), h("thead", {}, head), body));
}
