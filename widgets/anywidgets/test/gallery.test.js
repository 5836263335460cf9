import { expect, it } from "vitest";
import { columnsOf, led, ordered, toggled } from "../src/picking.js";

it("keys lead along rows of tiles and not beyond them", () => {
  expect(led("ArrowDown", 1, 7, 3)).toBe(4);
  expect(led("ArrowDown", 5, 7, 3)).toBeNull();
  expect(led("ArrowLeft", 0, 7, 3)).toBeNull();
  expect(led("End", 0, 7, 3)).toBe(6);
  expect(led("x", 0, 7, 3)).toBeNull();
});

it("tiles are picked and let go", () => {
  expect(toggled([4, 9], 1)).toEqual([1, 4, 9]);
  expect(toggled([1, 4], 4)).toEqual([1]);
});

it("the best score stands first, what has none last", () => {
  expect(ordered([0.1, null, 0.9, 0.1], "score")).toEqual([2, 0, 3, 1]);
  expect(ordered([0.1, 0.9], "order")).toEqual([0, 1]);
});

it("columns are counted from where the tiles stand", () => {
  const at = (/** @type {number} */ offsetTop) => /** @type {any} */ ({ offsetTop });
  expect(columnsOf([at(0), at(0), at(90)])).toBe(2);
  expect(columnsOf([at(0), at(0)])).toBe(2);
});
