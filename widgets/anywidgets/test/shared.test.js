import { describe, expect, it } from "vitest";
import { cellText, compare, number } from "../src/cells.js";
import { h } from "../src/dom.js";
import { rgb } from "../src/host.js";
import { gridView, pageView, shade } from "../src/page.js";
import { changes, itemsOf, stagesOf, told } from "../src/ranks.js";
import { sentence, statusLine } from "../src/status.js";
import { order, tableView, tsv } from "../src/table.js";
import { tabs } from "../src/tabs.js";
import { fakeModel } from "./fake.js";

const block = {
  caption: "",
  columns: [
    { key: "rank", title: "rank", align: "right" },
    { key: "score", title: "score", align: "left" },
    { key: "id", title: "id", align: "left" },
    { key: "stages", title: "stages", align: "left" },
  ],
  rows: [
    [1, { type: "bar", value: 0.5, low: 0, high: 1, best: true }, "tea", { type: "trail", steps: [["lexical", 2], ["rerank", 1]] }],
    [2, { type: "bar", value: 0.25, low: 0, high: 1, best: false }, "=SUM(A1)", { type: "trail", steps: [["lexical", 1], ["rerank", 2]] }],
    [3, { type: "bar", value: null, low: 0, high: 1, best: false }, "tea\tpot", { type: "trail", steps: [["rerank", 3]] }],
  ],
  empty: "nothing",
};

describe("cells", () => {
  it("shows numbers as the static displays do", () => {
    expect([0, 0.5, 0.0001234, 1234.56, 1e12].map(number)).toEqual(["0.0000", "0.5000", "0.000123", "1,234.6", "1.00e+12"]);
    expect([null, true, 1234, "x"].map(cellText)).toEqual(["–", "yes", "1,234", "x"]);
  });
  it("puts missing values first and numbers before texts", () => {
    expect([3, null, "b", 1, "a"].sort(compare)).toEqual([null, 1, 3, "a", "b"]);
  });
  it("makes text out of texts that look like markup", () => {
    expect(h("p", {}, "<img src=x onerror=alert(1)>").children.length).toBe(0);
  });
});

describe("tables", () => {
  it("sort by a column, down and up, and keep rows that hold every word", () => {
    expect(order(block, "", { column: 1, down: true })).toEqual([0, 1, 2]);
    expect(order(block, "", { column: 1, down: false })).toEqual([2, 1, 0]);
    expect(order(block, "TEA pot", null)).toEqual([2]);
  });
  it("copy as text that a spreadsheet neither splits nor computes", () => {
    expect(tsv(block, [1, 2]).split("\n")).toEqual([
      "rank\tscore\tid\tstages",
      "2\t0.2500\t'=SUM(A1)\tlexical 1 → rerank 2",
      "3\t–\ttea pot\trerank 3",
    ]);
  });
  it("say the order to screen readers and hand on what is ticked", () => {
    /** @type {number[][]} */
    const told = [];
    const node = tableView(block, { onSelect: (rows) => told.push(rows) });
    document.body.appendChild(node);
    node.querySelectorAll(".jn-sort")[2].click();
    expect(node.querySelector("th[aria-sort]").getAttribute("aria-sort")).toBe("ascending");
    const boxes = node.querySelectorAll("tbody input");
    boxes[0].click();
    boxes[2].click();
    expect(told).toEqual([[1], [1, 2]]);
  });
});

describe("rank changes", () => {
  it("are read from a table's trails, with the final rank", () => {
    const items = itemsOf(block);
    expect(stagesOf(items)).toEqual(["lexical", "rerank", "result"]);
    expect(changes(items, "lexical", "rerank").map(told)).toEqual(["▲ up 1", "▼ down 1", "new"]);
    expect(told({ from: 1, to: null })).toBe("gone");
    expect(told({ from: 1, to: 1 })).toBe("same");
  });
});

describe("pages", () => {
  it("show title, notes, tables, prose and grids", () => {
    const grid = { type: "grid", caption: "map", rows: ["a"], columns: ["x", "y"], values: [[0, null]] };
    const prose = { type: "prose", caption: "", text: "<b>as it is</b>" };
    const page = { title: "hits", facts: [["mode", "hybrid"]], notes: ["a stand-in"], blocks: [{ type: "table", ...block }, prose, grid] };
    const node = pageView(page);
    expect(node.querySelector(".jn-warning").textContent).toBe("a stand-in");
    expect(node.querySelector(".jn-prose").textContent).toBe("<b>as it is</b>");
    expect(node.querySelectorAll("[role=tab]").length).toBe(2);
    expect([...node.querySelectorAll(".jn-grid td")].map((cell) => cell.textContent)).toEqual(["", "0.00", "–"]);
  });
  it("keep numbers of a grid readable on every shade", () => {
    expect(shade(0)).toBe("background-color: rgb(255, 255, 255); color: #000000");
    expect(shade(1)).toBe("background-color: rgb(0, 60, 120); color: #ffffff");
    expect(gridView({ caption: "", rows: ["a"], columns: ["x"], values: [[1]] }).textContent).toContain("1.00");
  });
});

describe("status", () => {
  it("is one sentence in every state", () => {
    expect(sentence({ state: "idle" })).toBe("");
    expect(sentence({ state: "running", label: "Embedding", done: 1, total: 3 })).toBe("Embedding … 33 %");
    expect(sentence({ state: "failed", message: "No.", hint: "Try." })).toBe("No. Try.");
    expect(sentence({ state: "cancelled", label: "Embedding" })).toBe("Embedding: cancelled.");
  });
  it("offers to cancel only while something runs, and stops listening at the end", () => {
    const model = fakeModel({ status: { state: "running", label: "x", total: 4, done: 2 } });
    const { node, end } = statusLine(model);
    const stop = /** @type {any} */ (node.querySelector("button"));
    stop.click();
    expect(model.sent).toEqual([{ do: "cancel" }]);
    model.set("status", { state: "done", message: "Ready." });
    expect(stop.hidden).toBe(true);
    end();
    expect(model.listeners()).toBe(0);
  });
});

describe("tabs", () => {
  it("move by arrows and wrap around", () => {
    const { node } = tabs("x", [["one", h("div")], ["two", h("div")]]);
    const heads = /** @type {any} */ (node.querySelectorAll("[role=tab]"));
    heads[0].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
    expect([...heads].map((head) => head.getAttribute("aria-selected"))).toEqual(["false", "true"]);
  });
});

it("colours of every notation become red, green and blue", () => {
  expect(rgb("rgb(255, 0, 51)")).toEqual([1, 0, 0.2]);
  expect(rgb("color(srgb 0.5 0.25 0)")).toEqual([0.5, 0.25, 0]);
});
