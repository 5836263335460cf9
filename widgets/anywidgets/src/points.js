/** Points as they travel, and how keys find their way among them. */

/** Places from -1 to 1. @param {DataView} view */
export function places(view) {
  const count = view.byteLength / 4;
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    x[i] = view.getUint16(4 * i, true) / 32767.5 - 1;
    y[i] = view.getUint16(4 * i + 2, true) / 32767.5 - 1;
  }
  return { x, y, count };
}

/** @param {DataView} view */
export function positionsOf(view) {
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getUint32(4 * i, true));
}

/** @param {number[]} positions */
export function packed(positions) {
  const view = new DataView(new ArrayBuffer(4 * positions.length));
  positions.forEach((position, i) => view.setUint32(4 * i, position, true));
  return view;
}

/**
 * The next point in a direction: near, and rather ahead than aside. -1 where there is none.
 * @param {{ x: Float32Array, y: Float32Array, count: number }} points @param {number} at @param {string} key
 */
export function towards(points, at, key) {
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key] ?? [0, 0];
  let [found, least] = [-1, Number.POSITIVE_INFINITY];
  for (let i = 0; i < points.count; i += 1) {
    const [x, y] = [points.x[i] - points.x[at], points.y[i] - points.y[at]];
    const ahead = x * dx + y * dy;
    if (ahead <= 0) continue;
    const cost = ahead + 3 * Math.abs(x * dy - y * dx);
    if (cost < least) [found, least] = [i, cost];
  }
  return found;
}

export const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#8a4b7d", "#000000", "#2f8fc4", "#a67c00", "#7f7f7f"];
export const DARK = ["#56b4e9", "#ff8c42", "#2fc49a", "#d99bc9", "#ffffff", "#9fd3f5", "#e6c34d", "#9a9a9a"];
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

/** A colour of the scale. @param {number} share from 0 to 1 */
export function viridis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const mixed = VIRIDIS[low].map((value, i) => Math.round(value + (VIRIDIS[low + 1][i] - value) * (at - low)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
