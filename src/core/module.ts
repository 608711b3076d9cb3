import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import { ABI } from "../../assembly/layout.js";
import { CoreError } from "../errors.js";
import { packageFile } from "../package.js";
import type { Kernels } from "./kernels.js";

/** `debug` checks every range that a kernel relies on; `release` is what users run. */
export type Build = "release" | "debug";

const compiled = new Map<Build, WebAssembly.Module>();

/** Compiles `build/<build>.wasm` once per process. Throws `CoreError`, which names the command to run, if it is missing. */
export function compileCore(build: Build): WebAssembly.Module {
  let module = compiled.get(build);
  if (module === undefined) {
    module = compileFile(packageFile(`build/${build}.wasm`), build);
    compiled.set(build, module);
  }
  return module;
}

function compileFile(file: URL, build: Build): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CoreError(
      `cannot load the WebAssembly core build/${build}.wasm: run "npm run build:${build}" (${reason})`,
    );
  }
}

/** A new instance with its own memory. Throws `CoreError` if the module has another version. */
export function instantiateCore(module: WebAssembly.Module): Kernels {
  const kernels = instantiateSync<Kernels>(module, {}).exports;
  const found = typeof kernels.abi === "function" ? kernels.abi() : undefined;
  if (found !== ABI) {
    throw new CoreError(
      `the WebAssembly core is stale (version ${found ?? "unknown"}, this package needs ${ABI}): run "npm run build:core"`,
    );
  }
  return kernels;
}
