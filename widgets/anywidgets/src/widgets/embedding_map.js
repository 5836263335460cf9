/** Embedding map: a WebGL scatter plot with lasso, keys, colours by field, and the neighbours of a point. */

import createScatterplot from "regl-scatterplot";
import { button, fill, h, labelled, select, uid } from "../dom.js";
import { colour, frame, onTheme, rgb } from "../host.js";
import { DARK, LIGHT, packed, places, positionsOf, towards, viridis } from "../points.js";
import { statusLine } from "../status.js";

const MOVES = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const root = frame(el, "map", "Embedding map");
  const status = statusLine(model);
  const count = h("span", { role: "status", class: "jn-note" });
  const legend = h("ul", { class: "jn-legend" });
  const details = h("div");
  const hint = h("p", { class: "jn-note", id: uid("hint") }, "Arrow keys move to the next point, Space selects it, Enter shows its neighbours, plus and minus zoom, 0 shows all.");
  const choose = (/** @type {number[]} */ positions) => {
    model.set("selected", packed(positions));
    model.save_changes();
  };
  const plot = plotOf(model, root, hint.id, choose);
  const tools = toolsOf(model, plot, choose);
  root.append(tools, status.node, plot.node, hint, count, legend, details);

  const selected = () => {
    const positions = positionsOf(model.get("selected"));
    count.textContent = `${positions.length.toLocaleString("en")} of ${plot.count().toLocaleString("en")} points selected`;
    plot.select(positions);
  };
  const coloured = () => {
    showLegend(legend, model, choose);
    plot.draw().then(selected);
  };
  const point = () => details.replaceChildren(...pointView(model, plot));
  const events = /** @type {Array<[string, () => void]>} */ ([
    ["change:positions", coloured],
    ["change:values", coloured],
    ["change:selected", selected],
    ["change:point", point],
  ]);
  for (const [name, act] of events) model.on(name, act);
  const stop = onTheme(coloured);
  coloured();
  point();
  return () => {
    for (const [name, act] of events) model.off(name, act);
    stop();
    status.end();
    plot.end();
  };
}

/** @param {any} model @param {any} plot @param {(positions: number[]) => void} choose */
function toolsOf(model, plot, choose) {
  const by = select([], "", (value) => model.send({ do: "color", color: value }));
  fill(by, [["", "nothing"], ...model.get("columns")], model.get("legend").title);
  const how = select(model.get("projections"), model.get("projection"), (value) => model.send({ do: "project", projection: value }));
  const words = h("input", { type: "search", class: "jn-input" });
  const find = h("form", { class: "jn-row", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    model.send({ do: "find", words: words.value });
  } }, labelled("Select where the label has", words), h("button", { type: "submit", class: "jn-button" }, "Find"));
  const lasso = button("Lasso", () => {
    const on = lasso.getAttribute("aria-pressed") !== "true";
    lasso.setAttribute("aria-pressed", String(on));
    plot.lasso(on);
  }, { "aria-pressed": "false" });
  return h(
    "div",
    {},
    h(
      "div",
      { class: "jn-tools" },
      labelled("Colour by", by),
      labelled("Projection", how),
      lasso,
      button("Zoom in", () => plot.zoom(1.5)),
      button("Zoom out", () => plot.zoom(1 / 1.5)),
      button("Show all", () => plot.reset()),
      button("Select none", () => choose([])),
    ),
    find,
  );
}

/** @param {any} model @param {HTMLElement} root @param {string} hint @param {(positions: number[]) => void} choose */
function plotOf(model, root, hint, choose) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const cursor = h("span", { class: "jn-cursor", hidden: true });
  const node = h("div", { class: "jn-plot", tabindex: 0, role: "application", "aria-label": "Map of points", "aria-describedby": hint }, canvas, cursor);
  let points = places(model.get("positions"));
  let at = -1;
  /** @type {any} */
  let plot = null;
  let drawing = Promise.resolve();
  try {
    plot = createScatterplot({ canvas, width: "auto", height: "auto", lassoOnLongPress: false, lassoMinDelay: 10 });
  } catch {
    canvas.replaceWith(h("p", { class: "jn-warning" }, "This browser has no WebGL: the map cannot be drawn. The picture of the output is static."));
  }
  const follow = () => {
    cursor.hidden = at < 0 || !plot;
    if (cursor.hidden) return;
    const [left, top] = plot.getScreenPosition(at) ?? [-99, -99];
    cursor.style.left = `${left}px`;
    cursor.style.top = `${top}px`;
  };
  const draw = () => {
    points = places(model.get("positions"));
    const numbers = new Uint8Array(model.get("values").buffer, model.get("values").byteOffset, model.get("values").byteLength);
    const scale = model.get("legend").kind === "numbers";
    const back = rgb(colour(root, "--jn-back"));
    const dark = back[0] + back[1] + back[2] < 1.5;
    if (!plot) return Promise.resolve();
    plot.set({
      backgroundColor: [...back, 1],
      colorBy: "valueA",
      pointColor: scale ? Array.from({ length: 256 }, (_, i) => viridis(i / 255)) : dark ? DARK : LIGHT,
      pointColorActive: dark ? "#ffffff" : "#000000",
      pointSize: points.count > 20000 ? 2 : points.count > 2000 ? 4 : 7,
      pointSizeSelected: 3,
      opacity: points.count > 20000 ? 0.6 : 0.85,
      lassoColor: dark ? "#ffffff" : "#000000",
    });
    const z = Float32Array.from(numbers, (value) => (scale ? value / 255 : value));
    drawing = drawing.then(() => plot.draw({ x: points.x, y: points.y, z }, { zDataType: scale ? "continuous" : "categorical" })).then(follow);
    return drawing;
  };
  const toggle = (/** @type {number} */ position) => {
    const next = new Set(positionsOf(model.get("selected")));
    if (!next.delete(position)) next.add(position);
    choose([...next].sort((a, b) => a - b));
  };
  const zoom = (/** @type {number} */ by) => {
    if (!plot) return;
    const view = plot.get("cameraDistance");
    plot.zoomToLocation(plot.get("cameraTarget"), view / by);
  };
  const reset = () => plot?.reset();
  node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (MOVES.includes(event.key)) {
      const next = at < 0 ? middle(points) : towards(points, at, event.key);
      if (next >= 0) at = next;
      node.setAttribute("aria-label", `Map of points, at point ${at}`);
      follow();
    } else if (event.key === " " && at >= 0) toggle(at);
    else if (event.key === "Enter" && at >= 0) model.send({ do: "point", position: at });
    else if (event.key === "+") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0") reset();
    else return;
    event.preventDefault();
  });
  let own = false; // the plot is told what to select, and is not asked
  const heard = (/** @type {any} */ { points: chosen }) => {
    if (own) return;
    choose([...chosen].sort((a, b) => a - b));
    if (chosen.length === 1) {
      at = chosen[0];
      model.send({ do: "point", position: at });
    }
  };
  plot?.subscribe("select", heard);
  plot?.subscribe("deselect", () => own || choose([]));
  plot?.subscribe("view", follow);
  return {
    node,
    draw,
    zoom,
    reset,
    count: () => points.count,
    lasso: (/** @type {boolean} */ on) => plot?.set({ mouseMode: on ? "lasso" : "panZoom" }),
    select: (/** @type {number[]} */ positions) => {
      if (!plot) return;
      drawing.then(() => {
        own = true;
        if (positions.length) plot.select(positions, { preventEvent: true });
        else plot.deselect({ preventEvent: true });
        own = false;
      });
    },
    go: (/** @type {number} */ position) => {
      at = position;
      follow();
      node.focus();
    },
    end: () => plot?.destroy(),
  };
}

/** The point nearest to the middle. @param {ReturnType<typeof places>} points */
function middle(points) {
  let found = 0;
  const far = (/** @type {number} */ i) => points.x[i] ** 2 + points.y[i] ** 2;
  for (let i = 1; i < points.count; i += 1) if (far(i) < far(found)) found = i;
  return found;
}

/** @param {HTMLElement} place @param {any} model @param {(positions: number[]) => void} choose */
function showLegend(place, model, choose) {
  const { kind, title, names, counts, low, high } = model.get("legend");
  const back = rgb(colour(place, "--jn-back"));
  const palette = back[0] + back[1] + back[2] < 1.5 ? DARK : LIGHT;
  place.hidden = kind === "none";
  if (kind === "numbers") {
    const steps = [0, 0.25, 0.5, 0.75, 1].map(viridis).join(", ");
    place.replaceChildren(h("li", {}, `${title}: ${short(low)} `, h("span", { class: "jn-scale", style: `background: linear-gradient(90deg, ${steps})` }), ` ${short(high)}`));
    return;
  }
  place.replaceChildren(
    ...names.map((/** @type {string} */ name, /** @type {number} */ i) => {
      const all = () => {
        const values = model.get("values");
        const own = [];
        for (let at = 0; at < values.byteLength; at += 1) if (values.getUint8(at) === i) own.push(at);
        choose(own);
      };
      const swatch = h("span", { class: "jn-swatch", style: `background: ${palette[i % palette.length]}`, "aria-hidden": "true" });
      const node = button("", all, { "aria-label": `Select ${name || "empty"}, ${counts[i]} points` });
      node.append(swatch, `${name || "(empty)"} (${counts[i].toLocaleString("en")})`);
      return h("li", {}, node);
    }),
  );
}

/** @param {number} value */
function short(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** @param {any} model @param {any} plot */
function pointView(model, plot) {
  const { position, label, fields, neighbours } = model.get("point");
  if (position < 0) return [];
  const head = (/** @type {string[]} */ names) => h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name))));
  const about = fields.map((/** @type {[string, string]} */ [name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)));
  const near = neighbours.map((/** @type {[number, string, number]} */ [at, name, similarity]) => {
    const go = button(name, () => {
      plot.go(at);
      model.send({ do: "point", position: at });
    });
    return h("tr", {}, h("td", {}, go), h("td", { class: "jn-right" }, similarity.toFixed(4)));
  });
  return [
    h("p", { class: "jn-title" }, h("strong", {}, `Point ${position}: `, h("bdi", {}, label))),
    h(
      "div",
      { class: "jn-side" },
      h("table", {}, h("caption", {}, "Fields"), h("tbody", {}, ...about)),
      h("table", {}, h("caption", {}, "Neighbours"), head(["point", "similarity"]), h("tbody", {}, ...near)),
    ),
  ];
}

export default { render };
