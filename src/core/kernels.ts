import type { instantiate } from "#kernels";
import type { StructAddress } from "./struct.js";

/** What `asc --bindings raw` declares in `build/kernels.d.ts`: the exports of `assembly/index.ts`. */
type Declared = Awaited<ReturnType<typeof instantiate>>;

/** The module is called without the wrapper that the compiler also writes: it takes a struct by its address … */
type Argument<Type> = Type extends object ? StructAddress : Type;
/** … and returns a `bool` as 0 or 1. */
type Result<Type> = Type extends boolean ? number : Type;

type Kernel<Export> = Export extends (...args: infer Types) => infer Type
  ? (...args: { [Place in keyof Types]: Argument<Types[Place]> }) => Result<Type>
  : Export;

/** The kernels of an instance. Their arguments are numbers, element counts, and addresses of buffers and structs. */
export type Kernels = { [Name in keyof Declared]: Kernel<Declared[Name]> };
