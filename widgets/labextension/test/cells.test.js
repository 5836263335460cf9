import { Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { lineClasses, magicLine } from "../src/cells.js";

const doc = (/** @type {string} */ text) => Text.of(text.split("\n"));

it("only cells that begin with one of our magics are touched", () => {
  expect(magicLine(doc("%%jina_search --k 5\nwhat is new?"))).toBe(1);
  expect(magicLine(doc("\n%%jina_embed\nfor if while"))).toBe(2);
  for (const other of ["import x", "%%time\n%%jina_embed", "%%jinax\ny", "x = 1\n%%jina_embed", "%jina_search x", ""]) {
    expect(magicLine(doc(other))).toBe(0);
  }
});

it("the first line steps back and all below it is words", () => {
  const text = doc("%%jina_search --k 5\nfor all who wait\n# a heading");
  expect(lineClasses(text, 0, text.length)).toEqual([[0, "jn-options"], [20, "jn-words"], [37, "jn-words"]]);
  expect(lineClasses(doc("x = 1"), 0, 5)).toEqual([]);
});
