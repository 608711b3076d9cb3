import { instantiateSync } from "@assemblyscript/loader";
import { ABI, CONSTRAINTS, PREDICT, SOLVE } from "../../assembly/layout.js";
import { CoreError } from "../errors.js";
import type { CommonKernels } from "./kernels.js";
import "./webassembly.js";

/** The modules that the core consists of. */
export type Part = "solve" | "constraints" | "predict";
const NUMBERS: Readonly<Record<Part, number>> = { solve: SOLVE, constraints: CONSTRAINTS, predict: PREDICT };

declare const kernels: unique symbol;
/** A compiled module whose instances have these kernels. */
export interface PartModule<Kernels> extends WebAssembly.Module {
  readonly [kernels]?: Kernels;
}

/**
 * What `loadCore` takes: the address of one of the package's `.wasm` files, the answer of a `fetch`, its bytes, or a
 * compiled module.
 */
export type CoreSource =
  URL | Response | PromiseLike<Response> | ArrayBuffer | ArrayBufferView<ArrayBuffer> | WebAssembly.Module;

/** The modules of this thread, each compiled on first use, in a few milliseconds. */
let loaded: { readonly [Name in Part]?: WebAssembly.Module } = {};

export function loadedModules(): typeof loaded {
  return loaded;
}

/** Takes over the modules of another thread. */
export function useModules(modules: typeof loaded): void {
  loaded = modules;
}

/**
 * A module of this thread. The package carries it as text (`digits`, two for a byte), so it needs no file, no address and no
 * setting of a bundler.
 */
export function compilePart<Kernels>(part: Part, digits: string): PartModule<Kernels> {
  const found = loaded[part] ?? new WebAssembly.Module(bytesOf(digits));
  if (loaded[part] === undefined) loaded = { ...loaded, [part]: found };
  return found;
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = (digitAt(digits, 2 * i) << 4) | digitAt(digits, 2 * i + 1);
  return bytes;
}

function digitAt(digits: string, place: number): number {
  const code = digits.charCodeAt(place);
  return code < 58 ? code - 48 : code - 87;
}

/**
 * Uses a module of the core that you serve yourself, instead of the one that the package carries: the file
 * `optllm/core.wasm`, or `optllm/constraints.wasm` for `chooseUnder` and `frontUnder`, by its URL, by its bytes or as a
 * compiled module. It is optional. Call it before anything is solved; threads of a pool that is made later take the same.
 *
 * @throws CoreError for a file that cannot be loaded or belongs to another version of the package.
 */
export async function loadCore(source: CoreSource): Promise<void> {
  let module: WebAssembly.Module;
  try {
    module = await compile(source);
  } catch (error) {
    throw new CoreError(`cannot load the WebAssembly core: ${String(error)}`);
  }
  const { part } = instantiate<CommonKernels>(module);
  const name = (Object.keys(NUMBERS) as Part[]).find((key) => NUMBERS[key] === part());
  if (name !== undefined) loaded = { ...loaded, [name]: module };
}

async function compile(source: CoreSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const answer = await (source instanceof URL ? fetch(source) : source);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

/** A new instance with its own memory. Throws `CoreError` if the module has another version, or there is no memory left. */
export function instantiate<Kernels extends CommonKernels>(module: PartModule<Kernels>): Kernels {
  let exported: Kernels;
  try {
    exported = instantiateSync<Kernels>(module, {}).exports;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CoreError(
      "there is no room for another WebAssembly core: each takes about 10 GB of address space (not of memory); raise the limit (ulimit -v), or take fewer threads",
    );
  }
  checkVersion(exported);
  return exported;
}

function checkVersion({ abi }: Partial<CommonKernels>): void {
  const found = typeof abi === "function" ? abi() : undefined;
  if (found === ABI) return;
  throw new CoreError(
    `the WebAssembly core is stale (version ${found ?? "unknown"}, this package needs ${ABI}): run "npm run build:core"`,
  );
}
