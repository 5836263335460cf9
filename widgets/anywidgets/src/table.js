/** A table that sorts by its heads, filters by words, marks rows and hands itself on as text. */

import { cellNode, cellText, compare } from "./cells.js";
import { button, copy, h, labelled } from "./dom.js";

/** @typedef {{ caption: string, columns: Array<{ key: string, title: string, align: string }>, rows: any[][], empty: string, more?: number }} Block */
/** @typedef {(text: string) => string} Say */

/** Positions of the rows that hold every word of `words`, in the order of `sort`. @param {Block} block @param {string} words @param {{ column: number, down: boolean } | null} sort */
export function order(block, words, sort) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = block.rows
    .map((row, i) => ({ row, i }))
    .filter(({ row }) => {
      const text = row.map(cellText).join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  if (sort) {
    const sign = sort.down ? -1 : 1;
    kept.sort((a, b) => sign * compare(a.row[sort.column], b.row[sort.column]) || a.i - b.i);
  }
  return kept.map(({ i }) => i);
}

/** Tab-separated text that a spreadsheet takes. @param {Block} block @param {number[]} rows */
export function tsv(block, rows) {
  const clean = (/** @type {string} */ text) => {
    const flat = text.replace(/[\t\r\n]+/g, " ");
    return /^[=+@]/.test(flat) ? `'${flat}` : flat;
  };
  return [block.columns.map((column) => clean(column.title)), ...rows.map((i) => block.rows[i].map((cell) => clean(cellText(cell))))]
    .map((line) => line.join("\t"))
    .join("\n");
}

/**
 * @param {Block} block
 * @param {{ say?: Say, selected?: number[], onSelect?: (rows: number[]) => void, name?: (row: any[]) => string, detail?: (row: number) => Node | null }} [options]
 */
export function tableView(block, options = {}) {
  const say = options.say ?? ((text) => text);
  if (!block.rows.length) return h("p", { class: "jn-empty" }, block.empty);
  /** @type {{ column: number, down: boolean } | null} */
  let sort = null;
  let words = "";
  const chosen = new Set(options.selected ?? []);
  const body = h("tbody");
  const count = h("span", { role: "status", class: "jn-note" });
  const span = block.columns.length + (options.onSelect ? 1 : 0);

  const heads = block.columns.map((column, i) => {
    const head = h(
      "button",
      {
        type: "button",
        class: "jn-sort",
        onclick: () => {
          sort = sort?.column === i ? { column: i, down: !sort.down } : { column: i, down: false };
          show();
        },
      },
      column.title,
      h("span", { class: "jn-arrow", "aria-hidden": "true" }),
    );
    return h("th", { scope: "col", class: `jn-${column.align}` }, head);
  });

  const show = () => {
    const rows = order(block, words, sort);
    heads.forEach((head, i) => {
      const own = sort?.column === i;
      if (own) head.setAttribute("aria-sort", sort?.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      head.querySelector(".jn-arrow").textContent = own ? (sort?.down ? " ▼" : " ▲") : "";
    });
    body.replaceChildren(...rows.flatMap((i) => rowNodes(i)));
    count.textContent = words ? `${rows.length} ${say("of")} ${block.rows.length}` : "";
  };
  /** @param {number} i */
  const rowNodes = (i) => {
    const row = block.rows[i];
    const cells = row.map((cell, column) => h("td", { class: `jn-${block.columns[column].align}` }, cellNode(cell)));
    const line = h("tr", {}, ...(options.onSelect ? [h("td", {}, tick(i, row))] : []), ...cells);
    const detail = options.detail?.(i);
    return detail ? [line, h("tr", { class: "jn-detail" }, h("td", { colSpan: span }, detail))] : [line];
  };
  /** @param {number} i @param {any[]} row */
  const tick = (i, row) => {
    const box = h("input", {
      type: "checkbox",
      checked: chosen.has(i),
      "aria-label": `${say("Select")} ${options.name?.(row) ?? i + 1}`,
      onchange: () => {
        if (box.checked) chosen.add(i);
        else chosen.delete(i);
        options.onSelect?.([...chosen].sort((a, b) => a - b));
      },
    });
    return box;
  };

  const search = h("input", {
    type: "search",
    class: "jn-input",
    oninput: () => {
      words = search.value;
      show();
    },
  });
  const tools = h(
    "div",
    { class: "jn-tools" },
    labelled(say("Filter rows"), search),
    button(say("Copy as table"), async () => {
      const done = await copy(tsv(block, order(block, words, sort)), tools);
      count.textContent = done ? say("Copied.") : say("Press Ctrl+C to copy.");
    }),
    count,
  );
  show();
  const caption = block.caption ? [h("caption", {}, block.caption)] : [];
  const first = options.onSelect ? [h("th", { scope: "col" }, h("span", { class: "jn-hidden" }, say("Select")))] : [];
  const table = h("table", { class: "jn-table" }, ...caption, h("thead", {}, h("tr", {}, ...first, ...heads)), body);
  const more = block.more ? [h("p", { class: "jn-note" }, `… ${say("and")} ${block.more.toLocaleString("en")} ${say("more")}`)] : [];
  const scroller = h("div", { class: "jn-scroll", tabIndex: 0, role: "region", "aria-label": block.caption || say("Table") }, table);
  return h("div", {}, ...(block.rows.length > 1 ? [tools] : []), scroller, ...more);
}
