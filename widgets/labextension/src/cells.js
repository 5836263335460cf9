/** Our cell magics in the editor: the line of options steps back, and prose is not coloured as Python. */

import { Decoration, ViewPlugin } from "@codemirror/view";
import "../style/cells.css";

const MAGIC = /^%%jina(_\w+)?(\s|$)/;

/** The number of the line that holds one of our magics; 0 for every other cell. @param {any} doc */
export function magicLine(doc) {
  for (let number = 1; number <= doc.lines; number += 1) {
    const { text } = doc.line(number);
    if (text.trim()) return MAGIC.test(text) ? number : 0;
  }
  return 0;
}

/** Line classes within a range. @param {any} doc @param {number} from @param {number} to @returns {Array<[number, string]>} */
export function lineClasses(doc, from, to) {
  const magic = magicLine(doc);
  if (!magic) return [];
  /** @type {Array<[number, string]>} */
  const found = [];
  for (let number = Math.max(doc.lineAt(from).number, magic); number <= doc.lineAt(to).number; number += 1) {
    found.push([doc.line(number).from, number === magic ? "jn-options" : "jn-words"]);
  }
  return found;
}

/** @param {any} view */
function decorations(view) {
  const { from, to } = view.viewport;
  return Decoration.set(lineClasses(view.state.doc, from, to).map(([at, name]) => Decoration.line({ class: name }).range(at)));
}

export const magicCells = ViewPlugin.fromClass(
  class {
    /** @param {any} view */
    constructor(view) {
      this.decorations = decorations(view);
    }

    /** @param {any} update */
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = decorations(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
