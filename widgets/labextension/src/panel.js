/** The side panel: what the kernel of the current notebook holds, and cells to insert. */

import { NotebookActions } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { button, h } from "../../anywidgets/src/dom.js";
import { frame } from "../../anywidgets/src/host.js";
import { ask } from "./kernel.js";
import { SNIPPETS, explorer } from "./snippets.js";
import { stateView } from "./view.js";
import "../style/mime.css";
import "../style/panel.css";

const POLL_MS = 1000; // while something runs in the background

/** Puts a cell below the current one. @param {any} tracker @param {string} code */
export function insert(tracker, code) {
  const notebook = tracker.currentWidget?.content;
  if (!notebook) return false;
  const active = notebook.activeCell?.model;
  if (active?.type !== "code" || active.sharedModel.getSource().trim()) {
    NotebookActions.insertBelow(notebook);
  }
  notebook.activeCell.model.sharedModel.setSource(code);
  notebook.activate();
  return true;
}

export class Panel extends Widget {
  /** @param {any} tracker @param {(text: string) => string} say */
  constructor(tracker, say) {
    super();
    this.id = "jina-notebook-panel";
    this.title.caption = say("Jina: models, connections, indices");
    this.title.label = "Jina";
    this.addClass("jn-panel");
    this._tracker = tracker;
    this._say = say;
    this._asking = false;
    this._dirty = true;
    /** @type {any} */
    this._kernel = null;
    /** @type {any} */
    this._timer = null;
    const root = frame(this.node, "side", say("Jina"));
    this._said = h("p", { class: "jn-note", role: "status" });
    this._body = h("div");
    const cells = h("div", { class: "jn-actions" }, ...SNIPPETS.map((one) => button(say(one.label), () => this._insert(one.code))));
    root.append(
      h("div", { class: "jn-tools" }, button(say("Refresh"), () => this.refresh())),
      this._said,
      this._body,
      h("h2", {}, say("Insert a cell")),
      cells,
    );
    tracker.currentChanged.connect(this._follow, this);
    this._follow();
  }

  onAfterShow() {
    if (this._dirty) this.refresh();
  }

  /** Another notebook, or another kernel of it. */
  _follow() {
    const context = this._tracker.currentWidget?.sessionContext;
    if (this._context !== context) {
      this._context?.kernelChanged?.disconnect(this._follow, this);
      context?.kernelChanged.connect(this._follow, this);
      this._context = context;
    }
    const kernel = context?.session?.kernel ?? null;
    if (kernel !== this._kernel) {
      this._kernel?.iopubMessage?.disconnect(this._heard, this);
      this._kernel?.statusChanged?.disconnect(this._changed, this);
      kernel?.iopubMessage.connect(this._heard, this);
      kernel?.statusChanged.connect(this._changed, this);
      this._kernel = kernel;
    }
    this._dirty = true;
    if (this.isVisible) this.refresh();
  }

  /** A cell ran: a silent question, ours too, announces no input. @param {any} _ @param {any} message */
  _heard(_, message) {
    if (message.header.msg_type === "execute_input") this._dirty = true;
  }

  /** @param {any} _ @param {string} status */
  _changed(_, status) {
    if (status === "idle" && this._dirty && this.isVisible) this.refresh();
  }

  async refresh() {
    await this._show("state");
  }

  /** @param {string} name @param {string[]} [given] */
  async _show(name, given = []) {
    const kernel = this._kernel;
    if (!kernel) {
      this._tell(this._say("No notebook with a running kernel is open."));
      return;
    }
    if (this._asking) return;
    this._asking = true;
    this._dirty = false;
    clearTimeout(this._timer);
    try {
      const info = await kernel.info;
      if (info.language_info.name !== "python") {
        this._tell(this._say("The kernel of this notebook is not Python."));
        return;
      }
      const { state, fault } = await ask(kernel, name, given);
      if (kernel !== this._kernel || this.isDisposed) return;
      if (!state) {
        this._tell(this._say(fault));
        return;
      }
      this._said.textContent = "";
      const acts = {
        unload: (/** @type {string} */ model) => this._show("unload", [model]),
        explore: (/** @type {string} */ index) => this._insert(explorer(index)),
        insert: (/** @type {string} */ code) => this._insert(code),
      };
      this._body.replaceChildren(...stateView(state, acts, this._say));
      if (state.jobs.length && this.isVisible) this._timer = setTimeout(() => this.refresh(), POLL_MS);
    } catch (error) {
      this._tell(`${this._say("The kernel did not answer.")} ${error}`);
    } finally {
      this._asking = false;
    }
  }

  /** @param {string} text */
  _tell(text) {
    this._said.textContent = text;
    this._body.replaceChildren();
  }

  /** @param {string} code */
  _insert(code) {
    if (!insert(this._tracker, code)) this._said.textContent = this._say("Open a notebook first.");
  }
}
