import { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";
import { instantiateCore } from "./module.js";

/** An instance for work that ends within one call. */
export interface Workspace {
  kernels: Kernels;
  arena: Arena;
}

const workspaces = new WeakMap<WebAssembly.Module, Workspace>();

/**
 * The instance of a module that calls on this thread share. All of its memory is free: results of an earlier call are
 * lost. Its memory stays as large as the largest call needed.
 */
export function workspace(module: WebAssembly.Module): Workspace {
  let found = workspaces.get(module);
  if (found === undefined) {
    const kernels = instantiateCore(module);
    found = { kernels, arena: new Arena(kernels.memory, kernels.heapBase()) };
    workspaces.set(module, found);
  }
  found.arena.reset();
  return found;
}

/** The bytes of an array, for `Arena.write`. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
