/** Search explorer: ask, choose how, see hits, rank changes and where the time went. */

import { button, copy, fill, h, labelled, select } from "../dom.js";
import { frame } from "../host.js";
import { headView } from "../page.js";
import { itemsOf, rankView } from "../ranks.js";
import { statusLine } from "../status.js";
import { tableView } from "../table.js";
import { tabs } from "../tabs.js";

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const root = frame(el, "search", "Search explorer");
  const form = searchForm(model);
  const status = statusLine(model);
  const results = h("div");
  root.append(form.node, status.node, results);

  const show = () => results.replaceChildren(...resultView(model));
  model.on("change:results", show);
  model.on("change:settings", form.show);
  model.on("change:indices", form.show);
  show();
  return () => {
    model.off("change:results", show);
    model.off("change:settings", form.show);
    model.off("change:indices", form.show);
    status.end();
  };
}

/** @param {any} model */
function searchForm(model) {
  const query = h("input", { type: "search", class: "jn-input", autocomplete: "off" });
  const mode = select(model.get("modes"), "hybrid", () => {});
  const k = h("input", { type: "number", class: "jn-input jn-number", min: 1, max: 100 });
  const reranking = h("input", { type: "checkbox" });
  const rerank = select(model.get("rerankers"), "", () => {});
  const filter = h("textarea", { class: "jn-code", rows: 3, spellcheck: false, placeholder: '{"term": {"lang": "en"}}' });
  const boxes = h("span", { class: "jn-row" });
  const indices = h("fieldset", {}, h("legend", {}, "Indices"), boxes);
  const filtering = h("details", {}, h("summary", {}, "Filter"), labelled("Elasticsearch query that every hit must match", filter));

  const show = () => {
    const settings = model.get("settings");
    query.value = settings.query;
    mode.value = settings.mode;
    k.value = String(settings.k);
    reranking.checked = Boolean(settings.rerank);
    fill(rerank, model.get("rerankers"), settings.rerank || model.get("rerankers")[0] || "");
    rerank.disabled = !reranking.checked;
    filter.value = settings.filter;
    filtering.open ||= Boolean(settings.filter);
    boxes.replaceChildren(...model.get("indices").map((/** @type {string} */ name) => indexBox(name, settings.index)));
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const index = [...boxes.querySelectorAll("input:checked")].map((box) => /** @type {any} */ (box).value);
    const values = { query: query.value, index, mode: mode.value, k: Number(k.value), filter: filter.value };
    model.send({ do: "search", settings: { ...values, rerank: reranking.checked ? rerank.value : "" } });
  };
  reranking.addEventListener("change", () => {
    rerank.disabled = !reranking.checked;
  });
  const go = h("button", { type: "submit", class: "jn-button jn-first" }, "Search");
  const node = h(
    "form",
    { role: "search", "aria-label": "Search", onsubmit: submit },
    h("div", { class: "jn-row" }, labelled("Query", query, "jn-wide"), go),
    h(
      "div",
      { class: "jn-row" },
      labelled("Mode", mode),
      labelled("Hits", k),
      labelled("Rerank", reranking),
      labelled("with", rerank),
    ),
    indices,
    filtering,
  );
  show();
  return { node, show };
}

/** @param {string} name @param {string[]} chosen */
function indexBox(name, chosen) {
  return labelled(name, h("input", { type: "checkbox", value: name, checked: chosen.includes(name) }));
}

/** @param {any} model @returns {Node[]} */
function resultView(model) {
  const results = model.get("results");
  if (!results.page) return [h("p", { class: "jn-empty" }, "Nothing was searched yet.")];
  const { page } = results;
  const block = page.blocks[0];
  const table = tableView(block, {
    selected: model.get("selected"),
    name: (row) => `hit ${row[0]}`,
    detail: (row) => explanation(results.hits[row]),
    onSelect: (rows) => {
      model.set("selected", rows);
      model.save_changes();
    },
  });
  return [
    ...headView(page),
    tabs("Results", [
      ["Hits", h("div", {}, table)],
      ["Rank changes", h("div", {}, rankView(itemsOf(block)))],
      ["Time", h("div", {}, latencyView(results.latency))],
      ["Code", h("div", {}, codeView(results.code))],
    ]).node,
  ];
}

/** @param {{ stages: Array<[string, number, number]>, source: string }} hit */
function explanation(hit) {
  const rows = hit.stages.map(([name, rank, score]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "jn-right" }, String(rank)), h("td", { class: "jn-right" }, score.toPrecision(5))),
  );
  const head = h("tr", {}, ...["stage", "rank", "score"].map((name) => h("th", { scope: "col" }, name)));
  const table = rows.length ? h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)) : null;
  return h("details", {}, h("summary", {}, "Why, and what"), table, h("pre", { tabIndex: 0 }, hit.source));
}

/** @param {Array<[string, number]>} latency milliseconds by stage */
function latencyView(latency) {
  const longest = Math.max(...latency.map(([, ms]) => ms), 1e-9);
  return h(
    "div",
    { class: "jn-latency" },
    ...latency.flatMap(([stage, ms]) => [
      h("span", {}, stage),
      h("span", { class: "jn-gauge", "aria-hidden": "true" }, h("span", { style: `width: ${(100 * ms) / longest}%` })),
      h("span", { class: "jn-right" }, `${ms.toFixed(1)} ms`),
    ]),
  );
}

/** @param {string} code */
function codeView(code) {
  const said = h("span", { role: "status", class: "jn-note" });
  const tools = h(
    "div",
    { class: "jn-tools" },
    button("Copy code", async () => {
      said.textContent = (await copy(code, tools)) ? "Copied." : "Press Ctrl+C to copy.";
    }),
    said,
  );
  return h("div", {}, tools, h("pre", { class: "jn-code", tabIndex: 0 }, code));
}

export default { render };
