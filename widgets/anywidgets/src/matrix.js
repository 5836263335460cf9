/** Similarities as they travel: uint16 from -1 to 1, one row per query token. */

/** @param {DataView} view @param {number} rows */
export function matrix(view, rows) {
  const numbers = new Uint16Array(view.byteLength / 2);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = view.getUint16(2 * i, true);
  const columns = rows ? numbers.length / rows : 0;
  const at = (/** @type {number} */ row, /** @type {number} */ column) => numbers[row * columns + column] / 32767.5 - 1;
  return { rows, columns, at };
}

/** @typedef {ReturnType<typeof matrix>} Matrix */

/** For every row the column of its highest value. @param {Matrix} values */
export function best(values) {
  return Array.from({ length: values.rows }, (_, row) => {
    let found = 0;
    for (let column = 1; column < values.columns; column += 1) {
      if (values.at(row, column) > values.at(row, found)) found = column;
    }
    return found;
  });
}

/** The strength of every column: of one row, or the best of all. @param {Matrix} values @param {number} row -1 for all */
export function strengths(values, row) {
  return Array.from({ length: values.columns }, (_, column) => {
    if (row >= 0) return values.at(row, column);
    let most = -1;
    for (let i = 0; i < values.rows; i += 1) most = Math.max(most, values.at(i, column));
    return most;
  });
}

/** Each number's place between the least and the most, 0 to 1. @param {number[]} numbers */
export function scaled(numbers) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) [low, high] = [Math.min(low, number), Math.max(high, number)];
  return numbers.map((number) => (high > low ? (number - low) / (high - low) : 0));
}
