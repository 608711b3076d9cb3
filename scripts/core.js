/**
 * Compiles modules of the core: `node scripts/core.js BUILDS [MODULES]`, lists with commas. A build of a module becomes
 * `build/BUILD/MODULE.wasm`. The release build is also written as text, `build/embedded/MODULE.ts`, so that the package needs
 * no file at run time. `types` writes the signatures of the kernels, `build/kernels/MODULE.d.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import asc from "assemblyscript/asc";

/** By name: the folder of `assembly/` whose `index.ts` lists what the module exports. */
const MODULES = { solve: "solve", constraints: "solve/constraints", predict: "predict" };

const [builds, modules = Object.keys(MODULES).join()] = process.argv.slice(2);
for (const build of builds.split(",")) {
  for (const name of modules.split(",")) {
    const written = await compile(build, name);
    if (build === "types") write(`build/kernels/${name}.d.ts`, written.get(`${name}.d.ts`));
    else write(`build/${build}/${name}.wasm`, written.get(`${name}.wasm`));
    if (build === "release") write(`build/embedded/${name}.ts`, embedded(name, written.get(`${name}.wasm`)));
  }
}

/** What the compiler writes, by name. */
async function compile(build, name) {
  const written = new Map();
  const { error, stderr } = await asc.main(
    [`assembly/${MODULES[name]}/index.ts`, "--target", build, "--outFile", `${name}.wasm`],
    { writeFile: (file, contents) => written.set(file, contents) },
  );
  // With "converge" the compiler optimises again and again, and remarks when the last round made the file larger.
  process.stderr.write(stderr.toString().replace("Last converge was suboptimal.\n", ""));
  if (error) process.exit(1);
  return written;
}

/** Digits compress better than base64: a byte is always the same two letters. */
function embedded(name, wasm) {
  const digits = Buffer.from(wasm).toString("hex");
  return (
    `/** \`build/release/${name}.wasm\` as hexadecimal digits, written by scripts/core.js. */\n` +
    `export const ${name.toUpperCase()}: string =\n  "${digits}";\n`
  );
}

function write(file, contents) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
