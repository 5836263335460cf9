/** What the side panel shows of a kernel's state. */

import { button, h } from "../../anywidgets/src/dom.js";

/** @param {number | null} bytes */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** @typedef {{ unload: (name: string) => void, explore: (index: string) => void, insert: (code: string) => void }} Acts */

/** @param {any} state @param {Acts} acts @param {(text: string) => string} say @returns {Node[]} */
export function stateView(state, acts, say) {
  return [
    ...section(say("Models in memory"), state.models.map((/** @type {any} */ one) => modelView(one, acts, say)), say("none")),
    h("p", { class: "jn-note" }, `${say("Memory of the kernel")}: ${size(state.memory)}`),
    ...section(say("Connections and indices"), state.connections.map((/** @type {any} */ one) => connectionView(one, acts, say)), say("none")),
    ...section(say("Running"), state.jobs.map(jobView), say("nothing")),
  ];
}

/** @param {string} title @param {Node[]} entries @param {string} empty @returns {Node[]} */
function section(title, entries, empty) {
  return [h("h2", {}, title), ...(entries.length ? entries : [h("p", { class: "jn-note" }, empty)])];
}

/** @param {any} model @param {Acts} acts @param {(text: string) => string} say */
function modelView(model, acts, say) {
  const where = [`${model.device}, ${model.dtype}`, size(model.memory)].filter(Boolean).join(", ");
  const drop = button(say("Unload"), () => acts.unload(model.name), { "aria-label": `${say("Unload")} ${model.name}` });
  return h("div", { class: "jn-entry" }, h("p", {}, h("strong", {}, model.name)), h("p", { class: "jn-note" }, where), drop);
}

/** @param {any} connection @param {Acts} acts @param {(text: string) => string} say */
function connectionView(connection, acts, say) {
  const indices = connection.indices.map((/** @type {any} */ index) => {
    const held = `${index.documents.toLocaleString("en")} ${say("documents")}${index.model ? `, ${index.model}` : ""}`;
    const open = button(say("Explore"), () => acts.explore(index.name), { "aria-label": `${say("Explore")} ${index.name}` });
    return h("div", { class: "jn-entry" }, h("p", {}, h("bdi", {}, index.name)), h("p", { class: "jn-note" }, held), open);
  });
  return h(
    "div",
    { class: "jn-entry" },
    h("p", {}, h("strong", {}, connection.name)),
    h("p", { class: "jn-note" }, `${connection.address}, ${connection.server}`),
    connection.fault ? h("p", { class: "jn-warning" }, connection.fault) : null,
    ...indices,
  );
}

/** @param {any} job */
function jobView(job) {
  const bar = h("progress", { class: "jn-progress", "aria-label": job.label });
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  }
  return h("div", { class: "jn-entry" }, h("p", {}, job.label), bar);
}
