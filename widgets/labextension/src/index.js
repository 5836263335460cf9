/** The JupyterLab extension: side panel, commands, launcher, and our magics in the editor. */

import { ILabShell } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { EditorExtensionRegistry, IEditorExtensionRegistry } from "@jupyterlab/codemirror";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ITranslator } from "@jupyterlab/translation";
import { magicCells } from "./cells.js";
import { Panel, insert } from "./panel.js";
import { speaker } from "./say.js";
import { SNIPPETS } from "./snippets.js";

const OPEN = "jina-notebook:open-panel";
const CATEGORY = "Jina";

/** @type {import("@jupyterlab/application").JupyterFrontEndPlugin<void>} */
const panel = {
  id: "@jina-notebook/labextension:panel",
  description: "Models, connections and indices of the kernel beside the notebook; cells to insert.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ICommandPalette, ILauncher, ITranslator],
  activate: (app, tracker, shell, palette, launcher, translator) => {
    const say = speaker(translator);
    if (shell) {
      const side = new Panel(tracker, say);
      shell.add(side, "left", { rank: 900 });
      app.commands.addCommand(OPEN, {
        label: say("Jina: models, connections, indices"),
        caption: say("Opens the side panel of jina-notebook"),
        execute: () => shell.activateById(side.id),
      });
      palette?.addItem({ command: OPEN, category: CATEGORY });
      launcher?.add({ command: OPEN, category: say("Other"), rank: 50 });
    }
    for (const { id, label, code } of SNIPPETS) {
      const command = `jina-notebook:insert-${id}`;
      app.commands.addCommand(command, {
        label: `${say("Insert a cell")}: ${say(label)}`,
        isEnabled: () => tracker.currentWidget !== null,
        execute: () => insert(tracker, code),
      });
      palette?.addItem({ command, category: CATEGORY });
    }
  },
};

/** @type {import("@jupyterlab/application").JupyterFrontEndPlugin<void>} */
const cells = {
  id: "@jina-notebook/labextension:cells",
  description: "Cell magics of jina-notebook in the editor.",
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_, registry) => {
    registry.addExtension({
      name: "jina-notebook:cells",
      factory: () => EditorExtensionRegistry.createImmutableExtension(magicCells),
    });
  },
};

export default [panel, cells];
