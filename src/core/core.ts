import { BLOCK_OPTIONS, BUCKETS, GROUP_BYTES, LANES, MAX_MODELS } from "../../assembly/layout.js";
import { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";
import { compileCore, instantiateCore, type Build } from "./module.js";

/**
 * One instance of the WebAssembly core and the only owner of its memory: the functions of this room take it, and get
 * addresses from here and nowhere else. Matrices of any size stream through fixed buffers block by block; only sorting
 * and point sets make the memory grow.
 */
export class Core {
  readonly kernels: Kernels;
  /** The memory after the fixed buffers, for `scoped` use. */
  readonly arena: Arena;
  /** Addresses of the fixed buffers of one block, in the order of the memory. */
  readonly at: ReturnType<typeof reserveBlock>;

  constructor(readonly module: WebAssembly.Module = compileCore("release")) {
    this.kernels = instantiateCore(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.at = reserveBlock(this.arena);
  }

  static of(build: Build): Core {
    return new Core(compileCore(build));
  }

  /** Bytes of WebAssembly memory held now. */
  get memoryBytes(): number {
    return this.kernels.memory.buffer.byteLength;
  }
}

/** The matrices have room for the padding that whole vectors read. */
function reserveBlock(arena: Arena) {
  return {
    cost: arena.reserve(BLOCK_OPTIONS * 4 + 16),
    probability: arena.reserve(BLOCK_OPTIONS * 4 + 16),
    weight: arena.reserve(BLOCK_OPTIONS * 4),
    allowed: arena.reserve(BLOCK_OPTIONS),
    minProbability: arena.reserve(BLOCK_OPTIONS * 4),
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
