/**
 * Checks the types of the package and copies the declarations that its entries reach, from `build/types/` to `dist/`. The
 * others say nothing to a user.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  stdio: "inherit",
});

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const reached = new Set();
for (const { types } of Object.values(exports)) if (types !== undefined) reach(types.replace("./dist/", ""));
for (const file of reached) cpSync(join("build/types", file), join("dist", file));

/** Follows the relative imports of a declaration. */
function reach(file) {
  if (reached.has(file)) return;
  reached.add(file);
  const text = readFileSync(join("build/types", file), "utf8");
  for (const [, path] of text.matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+)\.js"/g)) {
    reach(join(dirname(file), `${path}.d.ts`));
  }
}
