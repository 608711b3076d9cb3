import { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";
import { compileCore, instantiateCore } from "./module.js";

/** An instance and its memory. */
export interface Workspace {
  kernels: Kernels;
  arena: Arena;
}

/**
 * A new instance for tables that stay: nobody resets its memory, which holds zeros until something is written. Several
 * parts of a scorer share one.
 */
export function ownWorkspace(module: WebAssembly.Module = compileCore()): Workspace {
  const kernels = instantiateCore(module);
  return { kernels, arena: new Arena(kernels.memory, kernels.heapBase()) };
}

const workspaces = new WeakMap<WebAssembly.Module, Workspace>();

/**
 * The instance of a module for work that ends within one call, which calls on this thread share. All of its memory is free: results of an earlier call are
 * lost. Its memory stays as large as the largest call needed.
 */
export function workspace(module: WebAssembly.Module): Workspace {
  let found = workspaces.get(module);
  if (found === undefined) {
    found = ownWorkspace(module);
    workspaces.set(module, found);
  }
  found.arena.reset();
  return found;
}

/** The bytes of an array, for `Arena.write`. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
