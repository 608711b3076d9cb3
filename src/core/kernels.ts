import type { instantiate as constraints } from "#kernels/constraints";
import type { instantiate as predict } from "#kernels/predict";
import type { instantiate as solve } from "#kernels/solve";
import type { StructAddress } from "./struct.js";

/** The module is called without the wrapper that the compiler also writes: it takes a struct by its address … */
type Argument<Type> = Type extends object ? StructAddress : Type;
/** … and returns a `bool` as 0 or 1. */
type Result<Type> = Type extends boolean ? number : Type;

type Kernel<Export> = Export extends (...args: infer Types) => infer Type
  ? (...args: { [Place in keyof Types]: Argument<Types[Place]> }) => Result<Type>
  : Export;

type KernelsOf<Instantiate extends (...args: never) => Promise<unknown>> = {
  [Name in keyof Awaited<ReturnType<Instantiate>>]: Kernel<Awaited<ReturnType<Instantiate>>[Name]>;
};

/**
 * The kernels of an instance of each module, as `asc --bindings raw` declares them in `build/kernels/`: the exports of the
 * module's `index.ts`. Their arguments are numbers, element counts, and addresses of buffers and structs.
 */
export type SolveKernels = KernelsOf<typeof solve>;
export type ConstraintKernels = KernelsOf<typeof constraints>;
export type PredictKernels = KernelsOf<typeof predict>;

/** What every module exports. */
export type CommonKernels = Pick<SolveKernels, "memory" | "abi" | "part" | "heapBase">;
/** What a block of queries takes. */
export type BlockKernels = CommonKernels & Pick<SolveKernels, "forbid">;
