import { expect, it } from "vitest";
import { answer, expression } from "../src/kernel.js";
import { SNIPPETS, explorer } from "../src/snippets.js";
import { size, stateView } from "../src/view.js";

it("asks the kernel with arguments that cannot break out of their text", () => {
  expect(expression("unload", ['a"); import os'])).toContain('.unload("a\\"); import os")');
});

it("understands what the kernel answers", () => {
  const state = { models: [] };
  expect(answer({ user_expressions: { answer: { status: "ok", data: { "application/json": state } } } }).state).toBe(state);
  const missing = { user_expressions: { answer: { status: "error", ename: "ModuleNotFoundError", evalue: "x" } } };
  expect(answer(missing).fault).toBe("This kernel has no jina-notebook.");
  expect(answer({}).fault).toBe("The kernel did not answer.");
});

it("shows models, connections with their indices, and what runs", () => {
  const state = {
    memory: 1.5e9,
    models: [{ name: "jina-embeddings-v3", device: "cpu", dtype: "float32", memory: 2e9 }],
    connections: [{ name: "default", address: "http://x", server: "Elasticsearch 9", fault: "", indices: [{ name: "shop", documents: 1200, model: "jina-embeddings-v3" }] }],
    jobs: [{ label: "Searching", done: 1, total: 4 }],
  };
  /** @type {string[]} */
  const told = [];
  const acts = { unload: (/** @type {string} */ name) => told.push(name), explore: (/** @type {string} */ name) => told.push(name), insert: () => {} };
  const place = document.createElement("div");
  place.append(...stateView(state, acts, (text) => text));
  expect(place.textContent).toContain("1,200 documents, jina-embeddings-v3");
  expect(place.textContent).toContain("Memory of the kernel: 1.50 GB");
  for (const node of place.querySelectorAll("button")) node.click();
  expect(told).toEqual(["jina-embeddings-v3", "shop"]);
  expect(size(5e6)).toBe("5 MB");
});

it("offers cells whose ids differ", () => {
  expect(new Set(SNIPPETS.map((one) => one.id)).size).toBe(SNIPPETS.length);
  expect(explorer('a"b')).toContain('SearchExplorer("a\\"b")');
});
