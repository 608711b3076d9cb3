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

/** Models of the queries of a part, and what rounding sums up; sums of parts add up. */
export interface RoundSums {
  allocation: Uint8Array;
  /** Of the chosen options: classes × models × columns (ones first). */
  table: Float64Array;
  /** Over queries of several options: Σ weight · best value, and Σ weight · value of the chosen one. */
  best: number;
  chosen: number;
}

/** The work of rounding parts one after another, which need not follow each other. */
export interface RoundStrand extends Omit<RoundInput, "view" | "first" | "from" | "to"> {
  parts: readonly Pick<RoundInput, "view" | "first" | "from" | "to">[];
}

/** Rounds parts one after another; `deficit`: what they leave, beside the one of the input. */
export function roundStrand(
  core: Core<ConstraintKernels>,
  { parts, ...input }: RoundStrand,
): { sums: RoundSums[]; deficit: Float64Array } {
  const deficit = input.deficit.slice();
  return { sums: parts.map((part) => round(core, { ...input, ...part, deficit })), deficit };
}

/** Gives the queries of a part one model each; see the kernel `roundPass`. */
export function round(core: Core<ConstraintKernels>, input: RoundInput): RoundSums {
  const { arena, kernels } = core;
  const { temperature, deficit, norm, from, to } = input;
  const allocation = new Uint8Array(to - from);
  let filled = 0;
  return arena.scoped(() => {
    const state = new Struct(arena, RoundState, {
      deficit: arena.write(deficit),
      norm: arena.write(norm),
      allocation: arena.reserve(BLOCK_OPTIONS),
      sums: arena.write(new Float64Array(2)),
      several: 0,
    });
    const table = overBlocks(core, input, (priced, rows) => {
      kernels.roundPass(priced.address, rows, temperature, state.address);
      allocation.set(arena.u8(state.get("allocation"), rows), filled);
      filled += rows;
    });
    const [best, chosen] = arena.f64(state.get("sums"), 2);
    deficit.set(arena.f64(state.get("deficit"), deficit.length));
    return { allocation, table, best, chosen };
  });
}
