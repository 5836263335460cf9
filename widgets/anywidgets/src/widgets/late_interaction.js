/** Late-interaction inspector: heat map, best matches and their lines, for texts and for pages. */

import { fill, h, labelled, select, svg } from "../dom.js";
import { heatView } from "../heat.js";
import { frame } from "../host.js";
import { best, matrix, scaled, strengths } from "../matrix.js";
import { shade } from "../page.js";
import { statusLine } from "../status.js";
import { tableView } from "../table.js";
import { tabs } from "../tabs.js";

const LINES = 40; // query tokens in the drawing of lines
const ROW = 20; // pixels between two of them

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const root = frame(el, "late", "Late-interaction inspector");
  const query = h("input", { type: "search", class: "jn-input", value: model.get("query"), autocomplete: "off" });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    model.send({ do: "inspect", query: query.value });
  };
  const go = h("button", { type: "submit", class: "jn-button jn-first" }, "Compare");
  const form = h("form", { class: "jn-row", onsubmit: submit }, labelled("Query", query, "jn-wide"), go);
  const pick = select([], "0", (value) => set(model, "document", Number(value)));
  const tokens = h("div", { class: "jn-tokens", role: "radiogroup", "aria-label": "Query token" });
  const status = statusLine(model);
  const views = h("div");
  root.append(form, status.node, h("div", { class: "jn-row" }, labelled("Document", pick)), tokens, views);

  /** @type {number} */
  let tab = 0;
  const showAll = () => {
    query.value = model.get("query");
    const documents = model.get("documents");
    fill(pick, documents.map((/** @type {any} */ one, /** @type {number} */ i) => [String(i), `${i + 1}. ${one.score.toFixed(3)}  ${one.name}`]), String(model.get("document")));
    showTokens(tokens, model);
    show();
  };
  const show = () => {
    const chosen = [...views.querySelectorAll("[role=tab]")].findIndex((one) => one.getAttribute("aria-selected") === "true");
    tab = Math.max(chosen, 0);
    pick.value = String(model.get("document"));
    for (const [i, one] of [...tokens.children].entries()) mark(/** @type {any} */ (one), i - 1 === model.get("token"));
    viewsOf(model).then((made) => {
      views.replaceChildren(made.node);
      made.choose(Math.min(tab, made.node.querySelectorAll("[role=tab]").length - 1), false);
    });
  };
  const events = ["change:documents", "change:document", "change:token"];
  const acts = [showAll, show, show];
  events.forEach((name, i) => model.on(name, acts[i]));
  showAll();
  return () => {
    events.forEach((name, i) => model.off(name, acts[i]));
    status.end();
  };
}

/** @param {any} model @param {string} key @param {any} value */
function set(model, key, value) {
  model.set(key, value);
  model.save_changes();
}

/** @param {any} node @param {boolean} chosen */
function mark(node, chosen) {
  node.setAttribute("aria-checked", String(chosen));
  node.tabIndex = chosen ? 0 : -1;
}

/** @param {HTMLElement} place @param {any} model */
function showTokens(place, model) {
  const names = ["all tokens", ...model.get("query_tokens")];
  /** @param {KeyboardEvent} event @param {number} at */
  const key = (event, at) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (at + step + names.length) % names.length;
    set(model, "token", next - 1);
    /** @type {any} */ (place.children[next]).focus();
  };
  place.replaceChildren(
    ...names.map((name, i) =>
      h(
        "button",
        {
          type: "button",
          role: "radio",
          class: "jn-token",
          onclick: () => set(model, "token", i - 1),
          onkeydown: (/** @type {KeyboardEvent} */ event) => key(event, i),
        },
        name,
      ),
    ),
  );
}

/** @param {any} model */
async function viewsOf(model) {
  const at = model.get("document");
  const document = model.get("documents")[at];
  const token = model.get("token");
  const names = model.get("query_tokens");
  const values = matrix(model.get("similarities")[at], names.length);
  const label = (/** @type {number} */ column) => labelOf(document, column);
  const image = document.grid ? await decoded(model.get("images")[at]) : null;
  /** @type {Array<[string, HTMLElement]>} */
  const parts = [
    [document.grid ? "Page" : "Text", h("div", {}, document.grid ? pageView(document, values, token, image) : textView(document, values, token))],
    ["Best matches", h("div", {}, matchTable(names, values, token, label))],
    ["Lines", h("div", {}, linesView(names, values, token, label))],
    ...(document.grid ? [] : [/** @type {[string, HTMLElement]} */ (["Heat map", h("div", {}, mapView(names, values, label))])]),
  ];
  return tabs("Views", parts);
}

/** @param {DataView} data */
async function decoded(data) {
  return createImageBitmap(new Blob([/** @type {any} */ (data)], { type: "image/jpeg" }));
}

/** @param {any} document @param {number} column */
function labelOf(document, column) {
  if (!document.grid) return document.tokens[column];
  const [, columns] = document.grid;
  return `patch row ${Math.floor(column / columns) + 1}, column ${(column % columns) + 1}`;
}

/** @param {any} document @param {import("../matrix.js").Matrix} values @param {number} token */
function textView(document, values, token) {
  const numbers = strengths(values, token);
  const shares = scaled(numbers);
  const matched = new Set(token >= 0 ? [best(values)[token]] : best(values));
  const spans = document.tokens.map((/** @type {string} */ text, /** @type {number} */ i) => {
    const span = h("span", { style: shade(shares[i]), title: numbers[i].toFixed(3) }, text);
    if (matched.has(i)) span.classList.add("jn-matched");
    return span;
  });
  return h(
    "div",
    {},
    h("p", { class: "jn-note" }, "Darker is nearer; underlined are best matches."),
    h("div", { class: "jn-text", tabIndex: 0, role: "region", "aria-label": "Tokens of the document" }, ...spans.flatMap((/** @type {Node} */ one) => [one, " "])),
  );
}

/** @param {any} document @param {import("../matrix.js").Matrix} values @param {number} token @param {any} image */
function pageView(document, values, token, image) {
  const [rows, columns] = document.grid;
  const numbers = strengths(values, token);
  const shares = scaled(numbers);
  const width = Math.min(image.width, 720);
  const found = token >= 0 ? [best(values)[token]] : best(values);
  return heatView({
    rows,
    columns,
    width,
    height: Math.round((width * image.height) / image.width),
    label: "Patches of the page, darker is nearer, best matches outlined",
    image,
    shade: (row, column) => `rgba(0, 60, 120, ${(0.75 * shares[row * columns + column]).toFixed(3)})`,
    tell: (row, column) => `${labelOf(document, row * columns + column)}: ${numbers[row * columns + column].toFixed(3)}`,
    marks: found.map((column) => /** @type {[number, number]} */ ([Math.floor(column / columns), column % columns])),
  });
}

/** @param {string[]} names @param {import("../matrix.js").Matrix} values @param {(column: number) => string} label */
function mapView(names, values, label) {
  const every = scaled(Array.from({ length: values.rows * values.columns }, (_, i) => values.at(Math.floor(i / values.columns), i % values.columns)));
  const cell = Math.min(Math.max(Math.floor(900 / values.columns), 4), 24);
  return heatView({
    rows: values.rows,
    columns: values.columns,
    width: cell * values.columns,
    height: 18 * values.rows,
    label: "Query tokens by document tokens, darker is nearer, best matches outlined",
    shade: (row, column) => shade(every[row * values.columns + column]).slice("background-color: ".length).split(";")[0],
    tell: (row, column) => `${names[row]} × ${label(column)}: ${values.at(row, column).toFixed(3)}`,
    marks: best(values).map((column, row) => /** @type {[number, number]} */ ([row, column])),
  });
}

/** @param {string[]} names @param {import("../matrix.js").Matrix} values @param {number} token @param {(column: number) => string} label */
function matchTable(names, values, token, label) {
  const columns = [
    { key: "query_token", title: "query token", align: "left" },
    { key: "token", title: "best match", align: "left" },
    { key: "similarity", title: "similarity", align: "left" },
  ];
  const rows = best(values)
    .map((column, row) => [names[row], label(column), { type: "bar", value: values.at(row, column), low: 0, high: 1, best: false }])
    .filter((_, row) => token < 0 || row === token);
  return tableView({ caption: "Best matches", columns, rows, empty: "nothing" });
}

/** Each query token tied to its best match. @param {string[]} names @param {import("../matrix.js").Matrix} values @param {number} token @param {(column: number) => string} label */
function linesView(names, values, token, label) {
  const found = best(values).slice(0, LINES);
  const ends = [...new Set(found)].sort((a, b) => a - b);
  const height = ROW * Math.max(found.length, ends.length) + 8;
  const y = (/** @type {number} */ i) => ROW * i + 16;
  const lines = found.flatMap((column, row) => {
    const faded = token >= 0 && token !== row ? "jn-faded" : "";
    const to = y(ends.indexOf(column));
    const strength = Math.max(values.at(row, column), 0);
    return [
      svg("path", { d: `M 190 ${y(row) - 4} C 270 ${y(row) - 4}, 290 ${to - 4}, 370 ${to - 4}`, "stroke-width": 0.5 + 4 * strength, class: faded }),
      svg("text", { x: 182, y: y(row), "text-anchor": "end", class: faded }, clipped(names[row])),
    ];
  });
  const right = ends.map((column, i) => svg("text", { x: 378, y: y(i) }, clipped(label(column))));
  const told = found.map((column, row) => `${names[row]} to ${label(column)}`).join("; ");
  return svg(
    "svg",
    { class: "jn-lines", role: "img", "aria-label": `Best matches: ${told}`, viewBox: `0 0 600 ${height}`, width: 600, height },
    ...lines,
    ...right,
  );
}

/** @param {string} text */
function clipped(text) {
  return text.length > 26 ? `${text.slice(0, 25)}…` : text;
}

export default { render };
