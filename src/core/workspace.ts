import { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";
import { instantiateCore } from "./module.js";

/** An instance for work that begins and ends within one call. */
export interface Workspace {
  kernels: Kernels;
  arena: Arena;
}

const workspaces = new WeakMap<WebAssembly.Module, Workspace>();

/**
 * The instance of a module that calls of this thread share, all of its memory free: what an earlier call left there is
 * gone. Its memory is as large as the largest call needed.
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

/** The bytes of an array, to be written to an arena. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
