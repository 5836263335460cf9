/** Cells that are ready to run. */

export const SNIPPETS = [
  { id: "start", label: "Load the magics", code: "%load_ext jina_notebook\nimport jina_notebook as jn" },
  { id: "connect", label: "Connect to Elasticsearch", code: "import jina_notebook as jn\n\nes = jn.connect()\nes" },
  { id: "models", label: "List the models", code: "import jina_notebook as jn\n\njn.models()" },
  { id: "embed", label: "Embed texts", code: "%%jina_embed --model jina-embeddings-v3 --task retrieval.passage\ngreen tea from the mountains\na mug that keeps coffee warm" },
  { id: "search", label: "Search an index", code: "%%jina_search --index shop --k 5\nsomething warm to drink" },
];

/** A cell that explores an index by hand. @param {string} index */
export function explorer(index) {
  return `import jina_notebook as jn\n\njn.widgets.SearchExplorer(${JSON.stringify(index)})`;
}
