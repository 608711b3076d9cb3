import { BLOCK_OPTIONS, Candidates } from "../../../../assembly/layout.js";
import type { Core } from "../../core.js";
import type { ConstraintKernels } from "../../kernels.js";
import { Struct } from "../../struct.js";
import { overBlocks, type PricedPart } from "./priced.js";

/** The work of finding the queries of part of a view whose model is cheap to change. */
export interface CandidatesInput extends PricedPart {
  /** The model of each of all queries. */
  allocation: Uint8Array;
  /** Kinds of change told apart, a power of two, and how many queries are kept of each. */
  kinds: number;
  keep: number;
  /** Queries that are listed because a change loses less than `near`. */
  room: number;
  near: number;
  /** Changes that lose more are left out. */
  far: number;
}

/** Queries whose model is cheap to change. */
export interface FoundCandidates {
  /** Queries kept of each kind, with the float32 loss: `keep` places for each kind, the first `count` of them filled. */
  count: Uint8Array;
  loss: Float32Array;
  query: Uint32Array;
  /** Queries with a change that loses less than `near`, rising. */
  listed: Uint32Array;
}

/** Queries whose model is cheap to change; see the kernel `findCandidates`. */
export function findCandidates(core: Core<ConstraintKernels>, input: CandidatesInput): FoundCandidates {
  const { arena, kernels } = core;
  const { kinds, keep, room, near, far, allocation } = input;
  return arena.scoped(() => {
    const found = new Struct(arena, Candidates, {
      allocation: arena.reserve(BLOCK_OPTIONS),
      kinds,
      keep,
      count: arena.write(new Uint8Array(kinds)),
      most: arena.reserve(4 * kinds),
      loss: arena.reserve(4 * kinds * keep),
      query: arena.reserve(4 * kinds * keep),
      listed: arena.reserve(4 * room),
      room,
      length: 0,
    });
    overBlocks(core, input, (priced, rows, first) => {
      arena.u8(found.get("allocation"), rows).set(allocation.subarray(first, first + rows));
      kernels.findCandidates(priced.address, rows, first, near, far, found.address);
    });
    return {
      count: arena.u8(found.get("count"), kinds).slice(),
      loss: arena.f32(found.get("loss"), kinds * keep).slice(),
      query: arena.u32(found.get("query"), kinds * keep).slice(),
      listed: arena.u32(found.get("listed"), found.get("length")).slice(),
    };
  });
}
