/** The cells of the vendor JSON: as nodes, as text, and as keys to sort by. */

import { h } from "./dom.js";

/** @typedef {any} Cell */

/** A score as people read it; the same rules as the static displays. @param {number} value */
export function number(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 0.001 && size < 1000)) return value.toFixed(4);
  return size >= 1000 && size < 1e9
    ? value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })
    : value.toPrecision(3);
}

/** @param {Cell} cell @returns {string} */
export function cellText(cell) {
  if (cell === null || cell === undefined) return "–";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "number") return Number.isInteger(cell) ? cell.toLocaleString("en") : number(cell);
  if (typeof cell === "string") return cell;
  switch (cell.type) {
    case "bar":
      return cell.value === null ? "–" : number(cell.value);
    case "passage":
      return `${cell.start ? "…" : ""}${cell.parts.map((/** @type {[string, boolean]} */ [text]) => text).join("")}${cell.length ? "…" : ""}`;
    case "image":
      return cell.alt;
    case "trail":
      return cell.steps.map((/** @type {[string, number]} */ [stage, rank]) => `${stage} ${rank}`).join(" → ");
    default:
      return "";
  }
}

/** @param {Cell} cell @returns {number | string} */
export function cellKey(cell) {
  if (cell === null || cell === undefined) return Number.NEGATIVE_INFINITY;
  if (typeof cell === "boolean") return Number(cell);
  if (typeof cell === "number") return cell;
  if (cell.type === "bar") return cell.value ?? Number.NEGATIVE_INFINITY;
  return cellText(cell).toLowerCase();
}

/** Numbers before texts, so that a mixed column has an order. @param {Cell} one @param {Cell} other */
export function compare(one, other) {
  const a = cellKey(one);
  const b = cellKey(other);
  if (typeof a === "number" && typeof b === "number") return a === b ? 0 : a < b ? -1 : 1;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return String(a).localeCompare(String(b));
}

/** @param {Cell} cell @returns {Node} */
export function cellNode(cell) {
  if (cell === null || typeof cell !== "object") return document.createTextNode(cellText(cell));
  switch (cell.type) {
    case "bar":
      return bar(cell);
    case "passage":
      return h(
        "bdi",
        {},
        cell.start ? "…" : "",
        ...cell.parts.map((/** @type {[string, boolean]} */ [text, marked]) => (marked ? h("mark", {}, text) : text)),
        cell.length ? h("small", {}, `… (${cell.length.toLocaleString("en")} characters)`) : "",
      );
    case "image":
      return h("img", { src: `data:image/png;base64,${cell.png}`, alt: cell.alt, width: cell.width, height: cell.height });
    default:
      return document.createTextNode(cellText(cell));
  }
}

/** @param {Cell} cell */
function bar(cell) {
  const text = cellText(cell);
  if (cell.value === null || cell.low === null || cell.high === null || cell.low >= cell.high) {
    return document.createTextNode(text);
  }
  const share = Math.min(Math.max((cell.value - cell.low) / (cell.high - cell.low), 0), 1);
  const shown = cell.best ? h("strong", {}, text, h("span", { class: "jn-best" }, " best")) : text;
  const gauge = h("span", { class: "jn-gauge", "aria-hidden": "true" }, h("span", { style: `width: ${100 * share}%` }));
  return h("span", { class: "jn-bar" }, gauge, shown);
}
