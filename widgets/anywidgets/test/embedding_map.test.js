import { expect, it } from "vitest";
import { packed, places, positionsOf, towards, viridis } from "../src/points.js";

it("places are read back as they were sent", () => {
  const view = new DataView(new Uint16Array([0, 65535, 32768, 16384]).buffer);
  const { x, y, count } = places(view);
  expect(count).toBe(2);
  expect([x[0], y[0], x[1], y[1]].map((one) => one.toFixed(2))).toEqual(["-1.00", "1.00", "0.00", "-0.50"]);
});

it("a selection survives the way to Python and back", () => {
  expect(positionsOf(packed([3, 70000, 4294967295]))).toEqual([3, 70000, 4294967295]);
});

it("arrows lead to the next point in their direction", () => {
  const points = { x: Float32Array.from([0, 0.5, 0.4, -0.3]), y: Float32Array.from([0, 0, 0.4, 0.1]), count: 4 };
  expect(towards(points, 0, "ArrowRight")).toBe(1);
  expect(towards(points, 0, "ArrowUp")).toBe(3);
  expect(towards(points, 1, "ArrowLeft")).toBe(0);
  expect(towards(points, 0, "ArrowDown")).toBe(-1);
});

it("the scale runs from dark to bright", () => {
  expect([0, 0.5, 1].map(viridis)).toEqual(["#440154", "#21918c", "#fde725"]);
});
