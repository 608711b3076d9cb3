import { Arena } from "./arena.js";
import type { CommonKernels } from "./kernels.js";
import { instantiate, type PartModule } from "./module.js";

/** An instance and its memory. */
export interface Workspace<Kernels> {
  kernels: Kernels;
  arena: Arena;
}

/** A new instance whose memory nobody else uses; it holds zeros until something is written. */
export function ownWorkspace<Kernels extends CommonKernels>(module: PartModule<Kernels>): Workspace<Kernels> {
  const kernels = instantiate(module);
  return { kernels, arena: new Arena(kernels.memory, kernels.heapBase()) };
}

const workspaces = new WeakMap<WebAssembly.Module, Workspace<CommonKernels>>();

/**
 * The instance of a module for work that ends within one call, which calls on this thread share. All of its memory is free: results of an earlier call are
 * lost. Its memory stays as large as the largest call needed.
 */
export function workspace<Kernels extends CommonKernels>(module: PartModule<Kernels>): Workspace<Kernels> {
  let found = workspaces.get(module) as Workspace<Kernels> | undefined;
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
