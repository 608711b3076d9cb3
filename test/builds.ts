import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `debug` checks every range that a kernel relies on; `release` is the product. */
export type Build = "release" | "debug";

const modules = new Map<Build, WebAssembly.Module>();

/** The module of a build, compiled once a test file. */
export function compileCore(build: Build): WebAssembly.Module {
  const file = fileURLToPath(new URL(`../build/${build}.wasm`, import.meta.url));
  const module = modules.get(build) ?? new WebAssembly.Module(readFileSync(file));
  modules.set(build, module);
  return module;
}
