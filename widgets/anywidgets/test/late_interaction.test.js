import { expect, it } from "vitest";
import { moved } from "../src/heat.js";
import { best, matrix, scaled, strengths } from "../src/matrix.js";

/** @param {number[]} numbers */
const travelled = (numbers) => new DataView(new Uint16Array(numbers.map((one) => Math.round((one + 1) * 32767.5))).buffer);
const values = matrix(travelled([0.1, 0.9, -0.5, 0.4, 0.2, 0.3]), 2);

it("similarities are read back as they were sent", () => {
  expect(values.columns).toBe(3);
  expect(values.at(0, 1)).toBeCloseTo(0.9, 4);
  expect(values.at(0, 2)).toBeCloseTo(-0.5, 4);
});

it("each query token has its best match, each document token its strength", () => {
  expect(best(values)).toEqual([1, 0]);
  expect(strengths(values, 1).map((one) => one.toFixed(2))).toEqual(["0.40", "0.20", "0.30"]);
  expect(strengths(values, -1).map((one) => one.toFixed(2))).toEqual(["0.40", "0.90", "0.30"]);
});

it("shades run from the least to the most, and are pale where all are alike", () => {
  expect(scaled([2, 4, 3])).toEqual([0, 1, 0.5]);
  expect(scaled([1, 1])).toEqual([0, 0]);
});

it("the cursor stays on the map", () => {
  const size = { rows: 3, columns: 4 };
  expect(moved("ArrowUp", [0, 0], size)).toEqual([0, 0]);
  expect(moved("End", [1, 0], size)).toEqual([1, 3]);
  expect(moved("PageDown", [0, 2], size)).toEqual([2, 2]);
  expect(moved("a", [0, 0], size)).toBeNull();
});
