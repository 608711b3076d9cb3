import { instantiate, instantiateSync } from "@assemblyscript/loader";
import { ABI } from "../../assembly/layout.js";
import { RELEASE } from "../../build/embedded.js";
import { CoreError } from "../errors.js";
import type { Kernels } from "./kernels.js";
import "./webassembly.js";

/** What `loadCore` takes: the address of a `core.wasm`, the answer of a `fetch`, its bytes, or a compiled module. */
export type CoreSource =
  URL | Response | PromiseLike<Response> | ArrayBuffer | ArrayBufferView<ArrayBuffer> | WebAssembly.Module;

let loaded: WebAssembly.Module | undefined;

/**
 * The WebAssembly core of this thread. The package carries it as text, so it needs no file, no address and no setting of
 * a bundler, and it is compiled on first use, in a few milliseconds.
 */
export function compileCore(): WebAssembly.Module {
  loaded ??= new WebAssembly.Module(Uint8Array.from(atob(RELEASE), (letter) => letter.charCodeAt(0)));
  return loaded;
}

/**
 * Uses a core that you serve yourself, instead of the one that the package carries: the file `optllm/core.wasm`, by its
 * URL, by its bytes or as a compiled module. It is optional. Call it before anything is solved; threads of a pool that
 * is made later take the same core.
 *
 * @throws CoreError for a file that cannot be loaded or belongs to another version of the package.
 */
export async function loadCore(source: CoreSource): Promise<void> {
  const wasm = source instanceof URL ? fetch(source) : source;
  try {
    const { module, exports } = await instantiate<Kernels>(wasm);
    checkVersion(exports);
    loaded = module;
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError(`cannot load the WebAssembly core: ${String(error)}`);
  }
}

/** A new instance with its own memory. Throws `CoreError` if the module has another version, or there is no memory left. */
export function instantiateCore(module: WebAssembly.Module): Kernels {
  let kernels: Kernels;
  try {
    kernels = instantiateSync<Kernels>(module, {}).exports;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CoreError(
      "there is no room for another WebAssembly core: each takes about 10 GB of address space (not of memory); raise the limit (ulimit -v), or take fewer threads",
    );
  }
  checkVersion(kernels);
  return kernels;
}

function checkVersion({ abi }: Partial<Kernels>): void {
  const found = typeof abi === "function" ? abi() : undefined;
  if (found === ABI) return;
  throw new CoreError(
    `the WebAssembly core is stale (version ${found ?? "unknown"}, this package needs ${ABI}): run "npm run build:core"`,
  );
}
