/** What a widget is doing: one line that screen readers hear, progress, and a way to stop it. */

import { button, h } from "./dom.js";

/**
 * @typedef {{ state: string, label?: string, done?: number, total?: number, message?: string, hint?: string }} Status
 */

/** @param {Status} status */
export function sentence(status) {
  if (status.state === "running") {
    const share = status.total ? ` ${Math.floor((100 * (status.done ?? 0)) / status.total)} %` : "";
    return `${status.label ?? "Working"} …${share}`;
  }
  if (status.state === "failed") return [status.message, status.hint].filter(Boolean).join(" ");
  if (status.state === "cancelled") return `${status.label ?? "It"}: cancelled.`;
  return status.message ?? "";
}

/** The line, following the model's `status`. @param {any} model @returns {{ node: HTMLElement, end: () => void }} */
export function statusLine(model) {
  const text = h("span", { class: "jn-status-text" });
  const bar = h("progress", { class: "jn-progress", "aria-label": "Progress" });
  const stop = button("Cancel", () => model.send({ do: "cancel" }));
  const announcer = h("span", { role: "status" }, text);
  const node = h("div", { class: "jn-status" }, announcer, bar, stop);

  const show = () => {
    /** @type {Status} */
    const status = model.get("status") ?? { state: "idle" };
    const running = status.state === "running";
    node.dataset.state = status.state;
    const had = document.activeElement === stop;
    if (text.textContent !== sentence(status)) text.textContent = sentence(status);
    bar.hidden = stop.hidden = !running;
    if (had && !running) node.closest(".jn-widget")?.querySelector("input, button:not([hidden])")?.focus();
    if (status.total) {
      bar.max = status.total;
      bar.value = status.done ?? 0;
    } else bar.removeAttribute("value");
  };
  model.on("change:status", show);
  show();
  return { node, end: () => model.off("change:status", show) };
}
