import { BLOCK_OPTIONS } from "../../../../assembly/layout.js";
import type { Core } from "../../core.js";
import type { ConstraintKernels } from "../../kernels.js";
import { overBlocks, type PricedPart } from "./priced.js";

/** Queries of a part that are close between two options, and the sums of the others. */
export interface Split {
  /** Indices of the close ones among all, rising. */
  close: Uint32Array;
  /** Of the others' best options: classes × models × columns (ones first). */
  table: Float64Array;
}

/** Splits a part by whether a second option is within `cut` of the best; see the kernel `splitPass`. */
export function split(core: Core<ConstraintKernels>, input: PricedPart & { cut: number }): Split {
  const { arena, kernels } = core;
  const lists: Uint32Array[] = [];
  return arena.scoped(() => {
    const listed = arena.reserve(4 * BLOCK_OPTIONS);
    const table = overBlocks(core, input, (priced, rows, first) => {
      const count = kernels.splitPass(priced.address, rows, first, input.cut, listed, rows);
      lists.push(arena.u32(listed, count).slice());
    });
    return { close: joinLists(lists), table };
  });
}

/** Lists one after another. */
export function joinLists(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
