// Writes build/embedded.ts: the release build as text, so that the package needs no file at run time.
import { readFileSync, writeFileSync } from "node:fs";

const wasm = readFileSync("build/release.wasm").toString("base64");
writeFileSync(
  "build/embedded.ts",
  `/** \`build/release.wasm\` in base64, written by scripts/embedCore.js. */\nexport const RELEASE: string =\n  "${wasm}";\n`,
);
