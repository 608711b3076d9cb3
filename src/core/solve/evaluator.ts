import { InputError } from "../../errors.js";
import { Arena } from "../arena.js";
import type { Coordinates } from "./coordinates.js";
import type { SolveKernels } from "../kernels.js";
import { instantiate, type PartModule } from "../module.js";
import { solveModule } from "./module.js";

const MEMORY_BYTES = 2 ** 32;
/** A generous bound for the module's own data and the padding of one allocation. */
const SPARE_BYTES = 2 ** 20;

/**
 * Evaluates many allocations of one problem. Its matrices stay in an instance of the WebAssembly core of its own, 8 bytes
 * per option, which is freed with the object.
 */
export class Evaluator {
  private readonly kernels: SolveKernels;
  private readonly arena: Arena;
  private readonly models: number;
  private readonly queries: number;
  private readonly cost: number;
  private readonly probability: number;
  private readonly allocation: number;

  /** Matrices: queries × models. Throws `InputError` if they do not fit one memory of 4 GiB. */
  constructor(
    problem: { models: number; cost: Float32Array; successProbability: Float32Array },
    module: PartModule<SolveKernels> = solveModule(),
  ) {
    const { models, cost, successProbability } = problem;
    this.models = models;
    this.queries = cost.length / models;
    if (8 * cost.length + this.queries + SPARE_BYTES > MEMORY_BYTES) {
      throw new InputError(
        `${this.queries} queries × ${models} models do not fit one WebAssembly memory of 4 GiB`,
        { field: "cost" },
      );
    }
    this.kernels = instantiate(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.cost = this.arena.write(bytesOf(cost));
    this.probability = this.arena.write(bytesOf(successProbability));
    this.allocation = this.arena.reserve(this.queries);
  }

  /**
   * Total cost (dollars) and mean success probability of allocations, points × queries, a model index each; to the bit
   * the results of `evaluate`. O(points × queries).
   */
  evaluate(allocations: Uint8Array): Coordinates {
    const { kernels, queries, models, allocation: at } = this;
    const points = allocations.length / queries;
    const cost = new Float64Array(points);
    const accuracy = new Float64Array(points);
    for (let point = 0; point < points; point++) {
      this.arena.u8(at, queries).set(allocations.subarray(point * queries, (point + 1) * queries));
      cost[point] = kernels.sumAllocated(this.cost, 0, queries, models, at, 0);
      accuracy[point] = kernels.sumAllocated(this.probability, 0, queries, models, at, 0) / queries;
    }
    return { cost, accuracy };
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
