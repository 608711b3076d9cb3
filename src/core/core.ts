import {
  Block,
  BLOCK_OPTIONS,
  BUCKETS,
  GROUP_BYTES,
  LANES,
  MAX_MODELS,
  StepLists,
} from "../../assembly/layout.js";
import { Arena } from "./arena.js";
import type { BlockKernels, SolveKernels } from "./kernels.js";
import { instantiate, type PartModule } from "./module.js";
import { Struct } from "./struct.js";

/**
 * One instance of a module of the WebAssembly core and the only owner of its memory. The functions in this folder take a `Core` and
 * get all addresses from it. Matrices of any size stream through fixed buffers block by block; only sorting and point
 * sets make the memory grow.
 */
export class Core<Kernels extends BlockKernels = SolveKernels> {
  readonly kernels: Kernels;
  /** The memory behind the fixed buffers, for `scoped` use. */
  readonly arena: Arena;
  /** Addresses of the fixed buffers of one block, in the order of the memory. */
  readonly at: ReturnType<typeof reserveBlock>;
  /** The block that is in these buffers. */
  readonly block: Struct<typeof Block>;
  /** Where `listSteps` works and writes. */
  readonly steps: Struct<typeof StepLists>;

  constructor(readonly module: PartModule<Kernels>) {
    this.kernels = instantiate(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    const at = reserveBlock(this.arena);
    this.at = at;
    this.block = new Struct(this.arena, Block, {
      cost: at.cost,
      probability: at.probability,
      weight: 0,
      models: 0,
      scratch: at.scratch,
      wide: 0,
      least: at.least,
      places: -1,
    });
    this.steps = new Struct(this.arena, StepLists, {
      order: at.order,
      stack: at.stack,
      efficiency: at.efficiency,
      dCost: at.dCost,
      dGain: at.dGain,
      query: at.query,
      from: at.stepFrom,
      to: at.stepTo,
    });
  }

  /** Bytes of WebAssembly memory in use. */
  get memoryBytes(): number {
    return this.kernels.memory.buffer.byteLength;
  }
}

/** Reserves the fixed buffers. The matrices have room for the padding that whole vectors read. */
function reserveBlock(arena: Arena) {
  return {
    cost: arena.reserve(BLOCK_OPTIONS * 4 + 16),
    probability: arena.reserve(BLOCK_OPTIONS * 4 + 16),
    weight: arena.reserve(BLOCK_OPTIONS * 4),
    allowed: arena.reserve(BLOCK_OPTIONS),
    minProbability: arena.reserve(BLOCK_OPTIONS * 4),
    wide: arena.reserve(BLOCK_OPTIONS * 8),
    least: arena.reserve(BLOCK_OPTIONS * 8),
    scratch: arena.reserve(GROUP_BYTES),
    total: arena.reserve(16),
    buckets: arena.reserve(BUCKETS * 16),
    from: arena.reserve(BLOCK_OPTIONS),
    to: arena.reserve(BLOCK_OPTIONS),
    order: arena.reserve(MAX_MODELS),
    stack: arena.reserve((LANES + 1) * (MAX_MODELS + 1)),
    efficiency: arena.reserve(BLOCK_OPTIONS * 8),
    dCost: arena.reserve(BLOCK_OPTIONS * 8),
    dGain: arena.reserve(BLOCK_OPTIONS * 8),
    query: arena.reserve(BLOCK_OPTIONS * 4),
    stepFrom: arena.reserve(BLOCK_OPTIONS),
    stepTo: arena.reserve(BLOCK_OPTIONS),
  };
}
