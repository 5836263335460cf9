// One self-contained JavaScript and CSS file per widget, as the wheel carries them.
import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] ?? resolve(here, "../../jina_notebook/static");
const entryPoints = readdirSync(resolve(here, "src/widgets")).map((name) => `src/widgets/${name}`);

await build({
  absWorkingDir: here,
  entryPoints,
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
});
