/**
 * Writes `dist/`: each TypeScript file of `tsconfig.build.json` as a JavaScript file, without its types and comments. The
 * compiler checks the types and writes the declarations: `scripts/declarations.js`.
 */
import { readdirSync } from "node:fs";
import { build } from "esbuild";
import ts from "typescript";

const { config } = ts.readConfigFile("tsconfig.build.json", ts.sys.readFile);
const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
const modules = readdirSync("build/embedded").map((file) => `build/embedded/${file}`);

await build({
  entryPoints: ["assembly/layout.ts", ...modules, ...fileNames.filter((file) => !file.endsWith(".d.ts"))],
  outdir: "dist",
  outbase: ".",
  format: "esm",
  platform: "node",
  target: "es2022",
  tsconfig: "tsconfig.json",
});
