import { expect, it } from "vitest";
import widget from "../src/widgets/search_explorer.js";
import { fakeModel } from "./fake.js";

const settings = { query: "tea", index: ["shop"], mode: "vector", k: 5, filter: "", rerank: "" };

function shown() {
  const state = { status: { state: "idle" }, modes: ["vector", "hybrid"], indices: ["shop", "news"], rerankers: ["r"] };
  const model = fakeModel({ ...state, settings, results: {}, selected: [] });
  const el = document.createElement("div");
  return { model, el, end: widget.render({ model, el }) };
}

it("sends every setting of the form", () => {
  const { model, el } = shown();
  const boxes = /** @type {any} */ (el.querySelectorAll("fieldset input"));
  boxes[1].checked = true;
  el.querySelector("form")?.dispatchEvent(new Event("submit"));
  expect(model.sent).toEqual([{ do: "search", settings: { ...settings, index: ["shop", "news"] } }]);
});

it("follows settings that change in the kernel", () => {
  const { model, el } = shown();
  model.set("settings", { ...settings, query: "coffee", rerank: "r" });
  expect(/** @type {any} */ (el.querySelector("input[type=search]")).value).toBe("coffee");
  expect(/** @type {any} */ (el.querySelectorAll("select"))[1].disabled).toBe(false);
});

it("keeps a notebook's shortcuts out and lets go of the model at the end", () => {
  const { model, el, end } = shown();
  expect(el.querySelector("[data-lm-suppress-shortcuts]")).not.toBeNull();
  end();
  expect(model.listeners()).toBe(0);
});
