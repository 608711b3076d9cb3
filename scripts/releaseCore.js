// Compiles build/release.wasm, and writes build/embedded.ts: the same as text, so that the package needs no file at run
// time.
import { readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const { error, stderr } = await asc.main(["--target", "release"]);
if (error) {
  process.stderr.write(stderr.toString());
  process.exit(1);
}
// With "converge" the compiler optimises again and again, and remarks when the last round made the file larger.
process.stderr.write(stderr.toString().replace("Last converge was suboptimal.\n", ""));

const wasm = readFileSync("build/release.wasm").toString("base64");
writeFileSync(
  "build/embedded.ts",
  `/** \`build/release.wasm\` in base64, written by scripts/releaseCore.js. */\nexport const RELEASE: string =\n  "${wasm}";\n`,
);
