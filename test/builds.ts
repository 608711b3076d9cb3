import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ConstraintKernels, PredictKernels, SolveKernels } from "../src/core/kernels.js";
import type { PartModule } from "../src/core/module.js";

/** `debug` checks every range that a kernel relies on; `release` is the product. */
export type Build = "release" | "debug";

/** The kernels of each module of the core. */
interface Parts {
  solve: SolveKernels;
  constraints: ConstraintKernels;
  predict: PredictKernels;
}

const modules = new Map<string, WebAssembly.Module>();

/** A module of a build, compiled once a test file. */
export function compileCore<Part extends keyof Parts>(build: Build, part: Part): PartModule<Parts[Part]> {
  const file = fileURLToPath(new URL(`../build/${build}/${part}.wasm`, import.meta.url));
  const module = modules.get(file) ?? new WebAssembly.Module(readFileSync(file));
  modules.set(file, module);
  return module;
}
