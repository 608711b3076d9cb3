/**
 * Writes `dist/`: each TypeScript file of the package and of its benchmarks as a JavaScript file, without its types and
 * comments. The compiler checks the types and writes the declarations: `scripts/declarations.js`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundled for browsers by scripts/reportClient.js and scripts/appClient.js. */
const CLIENTS = ["report/html/client", "server/admin/client", "app/browser", "app/client", "app/worker"].map(
  (client) => join("src", client),
);

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((file) => join(folder, file))
    .filter((file) => /(?<!\.d)\.ts$/.test(file) && !CLIENTS.some((client) => file.startsWith(client)));

await build({
  entryPoints: ["assembly/layout.ts", ...["build/embedded", "src", "paper", "bench"].flatMap(filesOf)],
  outdir: "dist",
  outbase: ".",
  format: "esm",
  platform: "node",
  target: "es2022",
  tsconfig: "tsconfig.json",
});
