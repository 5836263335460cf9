/** Shows results without a kernel, in untrusted notebooks too: nothing is ever read as HTML. */

import { Widget } from "@lumino/widgets";
import { h } from "../../anywidgets/src/dom.js";
import { frame } from "../../anywidgets/src/host.js";
import { pageView } from "../../anywidgets/src/page.js";
import { speaker } from "./say.js";
import "../style/mime.css";

export const MIME = "application/vnd.jina-notebook.v1+json";
const VERSION = 1;

/** Why a bundle cannot be shown; empty where it can. @param {any} page @param {(text: string) => string} say */
export function unfit(page, say) {
  if (page?.version > VERSION) return say("A newer version of jina-notebook made this output: update the JupyterLab extension.");
  const whole = typeof page?.title === "string" && ["facts", "notes", "blocks"].every((key) => Array.isArray(page[key]));
  return whole ? "" : say("This output is damaged: it does not hold a result of jina-notebook.");
}

class PageRenderer extends Widget {
  /** @param {any} options */
  constructor(options) {
    super();
    this._say = speaker(options.translator);
    this._mimeType = options.mimeType;
  }

  /** @param {any} model */
  async renderModel(model) {
    const page = model.data[this._mimeType];
    this.node.replaceChildren();
    const fault = unfit(page, this._say);
    const root = frame(this.node, "result", fault ? this._say("Result") : page.title);
    root.append(fault ? h("p", { class: "jn-warning" }, fault) : pageView(page, this._say));
  }
}

/** @type {import("@jupyterlab/rendermime-interfaces").IRenderMime.IExtension} */
const extension = {
  id: "@jina-notebook/labextension:mime",
  description: "Shows the results of jina-notebook with sorting, filtering and rank changes.",
  rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: (options) => /** @type {any} */ (new PageRenderer(options)) },
  rank: 0,
  dataType: "json",
};

export default extension;
