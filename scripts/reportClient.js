/**
 * Bundles the script and the style sheet of the HTML report, the chart library uPlot among them, into
 * `dist/report/client.js` and `dist/report/client.css`, and the script of the server's status page into
 * `dist/report/status.js`. Run by `npm run build`.
 */
import { build } from "esbuild";
import { readFile } from "node:fs/promises";

const licence = await readFile("node_modules/uplot/LICENSE", "utf8");

await build({
  entryPoints: ["src/report/html/client/main.ts"],
  outfile: "dist/report/client.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  // uPlot's licence asks for its text in every copy.
  banner: { js: `/*! The charts are drawn by uPlot:\n${licence.trim()}\n*/` },
});

await build({
  entryPoints: ["src/server/admin/client/main.ts"],
  outfile: "dist/report/status.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
});
