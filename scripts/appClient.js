/**
 * Bundles the script of the app's page into `dist/report/app.js`, and that of its workers, with the readers, the solver and
 * the report in it, into `dist/report/appWorker.js`. What the workers import of Node is replaced by twins for browsers. Run
 * by `npm run build`, after `scripts/reportClient.js`, whose results the workers carry.
 */
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

const twin = (name) => resolve(`src/app/browser/${name}.ts`);

/** Modules of Node and packages that need it. An import that a twin does not have fails the build. */
const MODULES = {
  "node:buffer": twin("buffer"),
  "node:crypto": twin("crypto"),
  "node:fs": twin("fs"),
  "node:fs/promises": twin("fs"),
  "node:net": twin("system"),
  "node:os": twin("system"),
  "node:path": twin("path"),
  "node:stream": twin("stream"),
  "node:stream/promises": twin("stream"),
  "node:worker_threads": twin("threads"),
  "node:zlib": twin("zlib"),
  piscina: twin("threads"),
  // What yauzl needs of Node.
  events: twin("archive"),
  fs: twin("archive"),
  stream: twin("archive"),
  util: twin("archive"),
  zlib: twin("zlib"),
  "gpt-tokenizer/encoding/o200k_base": twin("tokens"),
  "gpt-tokenizer/encoding/cl100k_base": twin("tokens"),
};

/** Modules of this package that look for its files. */
const FILES = new Map([
  [resolve("src/package.js"), twin("package")],
  [resolve("src/report/html/bundle.js"), twin("bundle")],
  [resolve("node_modules/yauzl/fd-slicer"), twin("archive")],
]);

const ownFiles = {
  name: "own files",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/(package|bundle)\.js$|\/fd-slicer$/ }, ({ resolveDir, path }) => {
      const found = FILES.get(resolve(resolveDir, path));
      return found === undefined ? undefined : { path: found };
    }),
};

const common = {
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  logOverride: { "ignored-bare-import": "silent" },
};
const textOf = async (file) => JSON.stringify(await readFile(file, "utf8"));
const { version } = JSON.parse(await readFile("package.json", "utf8"));

await build({ ...common, entryPoints: ["src/app/client/main.ts"], outfile: "dist/report/app.js" });
await build({
  ...common,
  entryPoints: ["src/app/worker/main.ts"],
  outfile: "dist/report/appWorker.js",
  alias: MODULES,
  inject: [twin("buffer"), twin("immediate"), twin("math")],
  plugins: [ownFiles],
  define: {
    "Math.exp": "exp",
    "Math.log": "log",
    "Math.log1p": "log1p",
    OPTLLM_VERSION: JSON.stringify(version),
    OPTLLM_REPORT_SCRIPT: await textOf("dist/report/client.js"),
    OPTLLM_REPORT_STYLES: await textOf("dist/report/client.css"),
  },
});
// The script stands as text in an element of the page, which must not end or be commented out by it.
const worker = await readFile("dist/report/appWorker.js", "utf8");
if (/<\/script|<!--/i.test(worker)) throw new Error("the worker's script would end its element");
