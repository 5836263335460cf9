/** Scales and marks of a small line chart. */

/** Places of values between two ends, by doublings where `log`. @param {[number, number]} from @param {[number, number]} to @param {boolean} [log] */
export function scale([low, high], [start, end], log = false) {
  const warp = log ? Math.log2 : (/** @type {number} */ value) => value;
  const span = warp(high) - warp(low) || 1;
  return (/** @type {number} */ value) => start + ((warp(value) - warp(low)) / span) * (end - start);
}

/** Powers of two from the first below `low` to the last below `high`. @param {number} low @param {number} high */
export function doublings(low, high) {
  const found = [];
  for (let value = 2 ** Math.ceil(Math.log2(low)); value <= high; value *= 2) found.push(value);
  return found;
}

/** At most six round numbers. @param {number} low @param {number} high */
export function ticks(low, high) {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i += 1) found.push(Number((i * step).toFixed(10)));
  return found;
}

/** A closed shape around a place: circle, square, triangle, diamond. @param {number} kind @param {number} x @param {number} y @param {number} [r] */
export function shape(kind, x, y, r = 5) {
  const corners = [
    null,
    [[-r, -r], [r, -r], [r, r], [-r, r]],
    [[0, -r * 1.3], [r * 1.2, r], [-r * 1.2, r]],
    [[0, -r * 1.4], [r * 1.4, 0], [0, r * 1.4], [-r * 1.4, 0]],
  ][kind % 4];
  if (!corners) return `M ${x - r} ${y} a ${r} ${r} 0 1 0 ${2 * r} 0 a ${r} ${r} 0 1 0 ${-2 * r} 0 Z`;
  return `M ${corners.map(([dx, dy]) => `${x + dx} ${y + dy}`).join(" L ")} Z`;
}
