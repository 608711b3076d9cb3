import { RoundState } from "../../../../assembly/layout.js";
import { BLOCK_OPTIONS } from "../../../../assembly/layout.js";
import type { Core } from "../../core.js";
import type { ConstraintKernels } from "../../kernels.js";
import { Struct } from "../../struct.js";
import { overBlocks, type PricedPart } from "./priced.js";

/** The work of rounding part of a view. */
export interface RoundInput extends PricedPart {
  temperature: number;
  /** Rounded minus fractional sums of the rows before this part; moved on. */
  deficit: Float64Array;
  /** What a row's deficit is measured in, > 0. */
  norm: Float64Array;
}

/** What rounding sums up; parts add up. */
export interface RoundSums {
  /** Of the chosen options: classes × models × columns (ones first). */
  table: Float64Array;
  /** Over queries of several options: Σ weight · best value, and Σ weight · value of the chosen one. */
  best: number;
  chosen: number;
}

/** Gives the queries of a part one model each, at `allocation` from their own index on; see the kernel `roundPass`. */
export function round(core: Core<ConstraintKernels>, input: RoundInput, allocation: Uint8Array): RoundSums {
  const { arena, kernels } = core;
  const { temperature, deficit, norm } = input;
  return arena.scoped(() => {
    const state = new Struct(arena, RoundState, {
      deficit: arena.write(deficit),
      norm: arena.write(norm),
      allocation: arena.reserve(BLOCK_OPTIONS),
      sums: arena.write(new Float64Array(2)),
      several: 0,
    });
    const table = overBlocks(core, input, (priced, rows, first) => {
      kernels.roundPass(priced.address, rows, temperature, state.address);
      allocation.set(arena.u8(state.get("allocation"), rows), first);
    });
    const [best, chosen] = arena.f64(state.get("sums"), 2);
    deficit.set(arena.f64(state.get("deficit"), deficit.length));
    return { table, best, chosen };
  });
}
