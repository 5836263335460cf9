/** A canvas of shaded cells with a cursor: arrows move it, and what it stands on is said. */

import { h } from "./dom.js";

/**
 * @typedef {{
 *   rows: number, columns: number, width: number, height: number, label: string,
 *   shade: (row: number, column: number) => string,
 *   tell: (row: number, column: number) => string,
 *   marks?: Array<[number, number]>, image?: CanvasImageSource | null,
 * }} Heat
 */

/** The cell that a key leads to; null where the key is not for moving. @param {string} key @param {[number, number]} at @param {{ rows: number, columns: number }} size @returns {[number, number] | null} */
export function moved(key, [row, column], { rows, columns }) {
  const next = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0],
    End: [row, columns - 1],
    PageUp: [row - 5, column],
    PageDown: [row + 5, column],
  }[key];
  if (!next) return null;
  return [Math.min(Math.max(next[0], 0), rows - 1), Math.min(Math.max(next[1], 0), columns - 1)];
}

/** @param {Heat} heat */
export function heatView(heat) {
  const canvas = h("canvas", {
    class: "jn-heat",
    tabindex: 0,
    role: "img",
    "aria-label": `${heat.label}. Arrow keys move over its ${heat.rows} rows and ${heat.columns} columns.`,
  });
  const said = h("p", { class: "jn-note", role: "status" });
  /** @type {[number, number] | null} */
  let cursor = null;
  const scale = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(heat.width * scale);
  canvas.height = Math.round(heat.height * scale);
  canvas.style.width = `${heat.width}px`;
  canvas.style.height = `${heat.height}px`;
  const [w, t] = [canvas.width / heat.columns, canvas.height / heat.rows];

  const draw = () => {
    const context = canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (heat.image) context.drawImage(heat.image, 0, 0, canvas.width, canvas.height);
    for (let row = 0; row < heat.rows; row += 1) {
      for (let column = 0; column < heat.columns; column += 1) {
        context.fillStyle = heat.shade(row, column);
        context.fillRect(column * w, row * t, w, t);
      }
    }
    for (const [row, column] of heat.marks ?? []) outline(context, row, column, "#d55e00", 2);
    if (cursor) {
      outline(context, cursor[0], cursor[1], "#ffffff", 5);
      outline(context, cursor[0], cursor[1], "#000000", 2);
    }
  };
  /** @param {CanvasRenderingContext2D} context @param {number} row @param {number} column @param {string} colour @param {number} width */
  const outline = (context, row, column, colour, width) => {
    context.strokeStyle = colour;
    context.lineWidth = width * scale;
    context.strokeRect(column * w, row * t, w, t);
  };
  /** @param {[number, number]} to */
  const go = (to) => {
    cursor = to;
    said.textContent = heat.tell(to[0], to[1]);
    draw();
  };
  canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const to = moved(event.key, cursor ?? [0, 0], heat);
    if (!to) return;
    event.preventDefault();
    go(cursor ? to : [0, 0]);
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * heat.rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * heat.columns);
    if (row >= 0 && column >= 0 && row < heat.rows && column < heat.columns) go([row, column]);
  });
  draw();
  return h("div", {}, said, h("div", { class: "jn-scroll", tabIndex: 0, role: "region", "aria-label": heat.label }, canvas));
}
