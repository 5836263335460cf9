import { expect, it } from "vitest";
import { doublings, scale, shape, ticks } from "../src/chart.js";
import widget from "../src/widgets/matryoshka.js";
import { fakeModel } from "./fake.js";

it("scales run by value or by doublings", () => {
  expect(scale([0, 10], [100, 200])(5)).toBe(150);
  expect(scale([16, 1024], [0, 60], true)(128)).toBe(30);
  expect(scale([3, 3], [0, 60])(3)).toBe(0);
});

it("ticks are round and lie between the ends", () => {
  expect(ticks(0.31, 0.79)).toEqual([0.4, 0.5, 0.6, 0.7]);
  expect(doublings(100, 1100)).toEqual([128, 256, 512, 1024]);
});

it("each precision has a shape of its own", () => {
  expect(new Set([0, 1, 2, 3].map((kind) => shape(kind, 0, 0))).size).toBe(4);
});

it("a click on a point ticks its row, and a second one takes the tick away", () => {
  const points = [
    { dimensions: 64, precision: "float", bytes: 256, metrics: [0.5] },
    { dimensions: 128, precision: "float", bytes: 512, metrics: [0.6] },
  ];
  const state = { status: { state: "idle" }, title: "x", notes: [], metrics: ["m"], metric: "m", knees: { m: 1 }, points, selected: [] };
  const model = fakeModel(state);
  const el = document.createElement("div");
  document.body.appendChild(el);
  const end = widget.render({ model, el });
  const click = () => el.querySelectorAll("svg .jn-chart .jn-point, svg.jn-chart g:not(:empty) title")[0].parentElement?.dispatchEvent(new Event("click"));
  click();
  expect(model.get("selected")).toEqual([0]);
  expect(/** @type {any} */ (el.querySelector("tbody input")).checked).toBe(true);
  click();
  expect(model.get("selected")).toEqual([]);
  end();
  expect(model.listeners()).toBe(0);
});
