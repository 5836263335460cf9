// One self-contained JavaScript and CSS file per widget, as the wheel carries them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] ?? resolve(here, "../../jina_notebook/static");
const entryPoints = readdirSync(resolve(here, "src/widgets")).map((name) => `src/widgets/${name}`);

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints,
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
});

// The licences of the packages that are bundled travel with them, of those too that they bundle themselves.
const folders = Object.keys(metafile.inputs).map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
const modules = resolve(here, "../node_modules");
const places = new Set(folders.flatMap((folder) => (folder ? [resolve(here, folder)] : [])));
for (const place of places) {
  const { dependencies = {} } = JSON.parse(readFileSync(resolve(place, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) places.add(resolve(modules, name));
}
const texts = [...places].map((place) => {
  const { name, version, license } = JSON.parse(readFileSync(resolve(place, "package.json"), "utf8"));
  const file = readdirSync(place).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? readFileSync(resolve(place, file), "utf8").trim() : "";
  return `${name} ${version}, ${license}\n\n${text}`.trim();
});
writeFileSync(resolve(outdir, "LICENSES.txt"), `${texts.sort().join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
