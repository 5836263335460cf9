/** Matryoshka explorer: quality against bytes for every size and precision, with the knee marked. */

import { doublings, scale, shape, ticks } from "../chart.js";
import { h, labelled, select, svg } from "../dom.js";
import { frame } from "../host.js";
import { statusLine } from "../status.js";
import { tableView } from "../table.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [680, 360, 60, 50, 16, 24];
const AXES = /** @type {Array<[string, string]>} */ ([
  ["bytes", "bytes per document"],
  ["dimensions", "dimensions"],
]);

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const root = frame(el, "matryoshka", "Matryoshka explorer");
  const status = statusLine(model);
  let axis = "bytes";
  const metric = select([], "", (value) => {
    model.set("metric", value);
    model.save_changes();
  });
  const across = select(AXES, axis, (value) => {
    axis = value;
    draw();
  });
  const names = h("input", { class: "jn-input", value: model.get("metrics").join(", ") });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    model.send({ do: "measure", metrics: names.value });
  };
  const go = h("button", { type: "submit", class: "jn-button" }, "Measure");
  const form = h("form", { class: "jn-row", onsubmit: submit }, labelled("Metrics", names), go);
  const head = h("p", { class: "jn-title" }, h("strong", {}, model.get("title")));
  const notes = model.get("notes").map((/** @type {string} */ note) => h("p", { class: "jn-warning" }, note));
  const chart = h("div");
  const table = h("div");
  root.append(head, ...notes, form, status.node, h("div", { class: "jn-row" }, labelled("Shown", metric), labelled("by", across)), chart, table);

  const draw = () => chart.replaceChildren(...(model.get("points").length ? [chartOf(model, axis)] : []));
  const all = () => {
    const metrics = model.get("metrics");
    metric.replaceChildren(...metrics.map((/** @type {string} */ name) => h("option", { value: name }, name)));
    metric.value = model.get("metric");
    names.value = metrics.join(", ");
    draw();
    table.replaceChildren(tableOf(model, tick));
  };
  const chosen = () => {
    metric.value = model.get("metric");
    draw();
    table.replaceChildren(tableOf(model, tick));
  };
  let own = false; // the table itself was ticked
  const ticked = () => {
    draw();
    if (!own) table.replaceChildren(tableOf(model, tick));
  };
  const tick = (/** @type {number[]} */ rows) => {
    own = true;
    model.set("selected", rows);
    own = false;
    model.save_changes();
  };
  const events = /** @type {Array<[string, () => void]>} */ ([
    ["change:points", all],
    ["change:metric", chosen],
    ["change:selected", ticked],
  ]);
  for (const [name, act] of events) model.on(name, act);
  all();
  return () => {
    for (const [name, act] of events) model.off(name, act);
    status.end();
  };
}

/** @param {any} model @param {number} row */
function toggle(model, row) {
  const ticked = new Set(model.get("selected"));
  if (!ticked.delete(row)) ticked.add(row);
  model.set("selected", [...ticked].sort((a, b) => a - b));
  model.save_changes();
}

/** @param {any} model @param {string} axis */
function chartOf(model, axis) {
  const points = model.get("points");
  const name = model.get("metric");
  const at = model.get("metrics").indexOf(name);
  const knee = model.get("knees")[name];
  const along = points.map((/** @type {any} */ one) => one[axis]);
  const worth = points.map((/** @type {any} */ one) => one.metrics[at]);
  const [low, high] = [Math.min(...worth), Math.max(...worth)];
  const margin = (high - low) * 0.06 || 0.05;
  const ends = /** @type {[number, number]} */ ([Math.min(...along), Math.max(...along)]);
  const x = scale(ends, [LEFT + 14, WIDTH - RIGHT], true);
  const y = scale([low - margin, high + margin], [HEIGHT - BOTTOM, TOP]);
  const precisions = [...new Set(points.map((/** @type {any} */ one) => one.precision))];
  const series = precisions.flatMap((precision, kind) => seriesOf(model, points, { precision, kind, axis, at, x, y }));
  const legend = precisions.flatMap((precision, kind) => {
    const left = LEFT + 20 + kind * 110;
    return [
      svg("path", { class: `jn-series jn-${kind % 4}`, d: `M ${left} 8 h 30` }),
      svg("g", { class: `jn-${kind % 4}` }, svg("path", { class: "jn-point", d: shape(kind, left + 15, 8) })),
      svg("text", { x: left + 36, y: 12 }, String(precision)),
    ];
  });
  const best = points[knee];
  const ring = svg("circle", { class: "jn-knee", cx: x(best[axis]), cy: y(best.metrics[at]), r: 11 });
  const right = x(best[axis]) > WIDTH - 190;
  const tag = svg(
    "text",
    { x: x(best[axis]) + (right ? -16 : 16), y: y(best.metrics[at]) + 18, "text-anchor": right ? "end" : "start" },
    `knee: ${best.dimensions} ${best.precision}`,
  );
  const label = `${name} by ${axis === "bytes" ? "bytes per document" : "dimensions"}; knee at ${best.dimensions} dimensions, ${best.precision}`;
  return svg(
    "svg",
    { class: "jn-chart", role: "img", "aria-label": label, viewBox: `0 -6 ${WIDTH} ${HEIGHT + 6}`, width: WIDTH, height: HEIGHT },
    ...axesOf(ends, [low - margin, high + margin], x, y, axis, name),
    ...series,
    ...legend,
    ring,
    tag,
  );
}

/** @param {any} model @param {any[]} points @param {any} how */
function seriesOf(model, points, { precision, kind, axis, at, x, y }) {
  const own = points.map((one, row) => ({ one, row })).filter(({ one }) => one.precision === precision);
  own.sort((a, b) => a.one.dimensions - b.one.dimensions);
  const line = own.map(({ one }) => `${x(one[axis])} ${y(one.metrics[at])}`).join(" L ");
  const ticked = model.get("selected");
  const marks = own.map(({ one, row }) =>
    svg(
      "path",
      {
        class: `jn-point${ticked.includes(row) ? " jn-ticked" : ""}`,
        d: shape(kind, x(one[axis]), y(one.metrics[at])),
        onclick: () => toggle(model, row),
      },
      svg("title", {}, `${one.dimensions} ${one.precision}, ${one.bytes} bytes: ${one.metrics[at].toFixed(4)}`),
    ),
  );
  return [svg("path", { class: `jn-series jn-${kind % 4}`, d: `M ${line}` }), svg("g", { class: `jn-${kind % 4}` }, ...marks)];
}

/** @param {[number, number]} ends @param {[number, number]} worth @param {(v: number) => number} x @param {(v: number) => number} y @param {string} axis @param {string} metric */
function axesOf(ends, worth, x, y, axis, metric) {
  const rules = ticks(...worth).flatMap((value) => [
    svg("path", { class: "jn-rule", d: `M ${LEFT} ${y(value)} H ${WIDTH - RIGHT}` }),
    svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)),
  ]);
  const bottom = doublings(...ends).map((value) =>
    svg("text", { x: x(value), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, value.toLocaleString("en")),
  );
  const title = axis === "bytes" ? "bytes per document, without the graph" : "dimensions";
  return [
    ...rules,
    ...bottom,
    svg("path", { class: "jn-axis", fill: "none", d: `M ${LEFT} ${TOP} V ${HEIGHT - BOTTOM} H ${WIDTH - RIGHT}` }),
    svg("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 12, "text-anchor": "middle" }, title),
    svg("text", { transform: `translate(14 ${HEIGHT / 2}) rotate(-90)`, "text-anchor": "middle" }, metric),
  ];
}

/** @param {any} model @param {(rows: number[]) => void} onSelect */
function tableOf(model, onSelect) {
  const metrics = model.get("metrics");
  const knee = model.get("knees")[model.get("metric")];
  const columns = [
    ["dimensions", "right"],
    ["precision", "left"],
    ["bytes per document", "right"],
    ...metrics.map((/** @type {string} */ name) => [name, "left"]),
    ["knee", "left"],
  ].map(([title, align]) => ({ key: title, title, align }));
  const points = model.get("points");
  const best = metrics.map((/** @type {string} */ _, /** @type {number} */ i) => Math.max(...points.map((/** @type {any} */ one) => one.metrics[i])));
  const rows = points.map((/** @type {any} */ one, /** @type {number} */ row) => [
    one.dimensions,
    one.precision,
    one.bytes,
    ...one.metrics.map((/** @type {number} */ value, /** @type {number} */ i) => ({ type: "bar", value, low: 0, high: 1, best: value === best[i] })),
    row === knee ? "knee" : "",
  ]);
  return tableView(
    { caption: "Sizes and precisions", columns, rows, empty: "nothing was measured" },
    {
      selected: model.get("selected"),
      name: (row) => `${row[0]} ${row[1]}`,
      onSelect,
    },
  );
}

export default { render };
