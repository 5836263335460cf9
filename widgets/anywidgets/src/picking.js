/** Which tiles are picked, and where the keys lead: the listbox pattern in rows. */

/** @param {string} key @param {number} at @param {number} count @param {number} columns */
export function led(key, at, count, columns) {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: count - 1 }[key];
  return to === undefined || to < 0 || to >= count ? null : to;
}

/** @param {number[]} picked @param {number} one */
export function toggled(picked, one) {
  const next = new Set(picked);
  if (!next.delete(one)) next.add(one);
  return [...next].sort((a, b) => a - b);
}

/** Positions in the order to show. @param {Array<number | null>} scores @param {string} by */
export function ordered(scores, by) {
  const all = scores.map((_, i) => i);
  if (by !== "score") return all;
  const value = (/** @type {number} */ i) => scores[i] ?? Number.NEGATIVE_INFINITY;
  return all.sort((a, b) => value(b) - value(a) || a - b);
}

/** How many tiles stand in the first row. @param {HTMLElement[]} tiles */
export function columnsOf(tiles) {
  const top = tiles[0]?.offsetTop;
  const next = tiles.findIndex((tile) => tile.offsetTop !== top);
  return next < 0 ? Math.max(tiles.length, 1) : next;
}
