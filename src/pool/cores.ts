import { Core } from "../core/core.js";
import type { ConstraintKernels } from "../core/kernels.js";
import { constraintsModule } from "../core/solve/constraints/module.js";
import { solveModule } from "../core/solve/module.js";

let inlineCore: Core | undefined;

/** The calling thread's core, made on first use. */
export function sharedCore(): Core {
  inlineCore ??= new Core(solveModule());
  return inlineCore;
}

let constraintsInline: Core<ConstraintKernels> | undefined;

/** The same for constraints, after `loadConstraints`. */
export function constraintsCore(): Core<ConstraintKernels> {
  constraintsInline ??= new Core(constraintsModule());
  return constraintsInline;
}

/**
 * Bytes of WebAssembly memory that the calling thread's cores hold now; a pool's threads have cores of their
 * own. Constant while problems stream through; sorting and point sets make it grow, and it never shrinks.
 */
export function wasmMemoryBytes(): number {
  return sharedCore().memoryBytes + (constraintsInline?.memoryBytes ?? 0);
}

/** Up to this number of items, the calling thread's core does the work. */
const SHARED_ITEMS = 1_000_000;
/** Up to this number of items, a second core is kept for later work. */
const KEPT_ITEMS = 4_000_000;
let largeCore: Core | undefined;

/**
 * The core for work whose memory grows with its items (increments or points), about 60 bytes each. Memory never
 * shrinks, so work on many items gets a separate core. That core is kept for the next such work while its memory is at
 * most 256 MiB; otherwise it is garbage-collected.
 */
export function coreFor(items: number): Core {
  if (items <= SHARED_ITEMS) return sharedCore();
  if (items > KEPT_ITEMS) return new Core(solveModule());
  largeCore ??= new Core(solveModule());
  return largeCore;
}
