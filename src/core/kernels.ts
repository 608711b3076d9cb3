import type { instantiate } from "#kernels";

/** What `asc --bindings raw` declares in `build/release.d.ts`: the exports of `assembly/index.ts`. */
type Declared = Awaited<ReturnType<typeof instantiate>>;

/** A kernel as the module itself exports it: without the compiler's wrapper, a `bool` is returned as 0 or 1. */
type Kernel<Export> = Export extends (...args: infer Arguments) => infer Result
  ? (...args: Arguments) => Result extends boolean ? number : Result
  : Export;

/** The kernels of an instance. Their arguments are addresses and element counts. */
export type Kernels = { [Name in keyof Declared]: Kernel<Declared[Name]> };
