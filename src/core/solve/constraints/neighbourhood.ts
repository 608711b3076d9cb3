import { Neighbourhood, REBUILD_QUERIES } from "../../../../assembly/layout.js";
import type { ConstraintKernels } from "../../kernels.js";
import type { PartModule } from "../../module.js";
import { Struct } from "../../struct.js";
import { workspace } from "../../workspace.js";

/** Queries whose model may change, their options by rising loss; see the kernels' `Neighbourhood`. */
export interface NeighbourhoodInput {
  /** Queries + 1: where each query's options begin. */
  start: Uint32Array;
  loss: Float64Array;
  /** By query: the loss of its second option; rising. */
  second: Float64Array;
  /** Options + 1: where each option's amounts begin. */
  amountStart: Uint32Array;
  amountRow: Uint8Array;
  amount: Float64Array;
  /** By row: loss for a unit of slack; what a unit of violation counts. */
  price: Float64Array;
  penalty: Float64Array;
}

/** An allocation of a neighbourhood. */
export interface Standing {
  /** By query: the index of its option. */
  current: Uint32Array;
  /** By row. */
  slack: Float64Array;
  /** Σ losses of all queries. */
  losses: number;
  /** Σ losses + Σ price · slack: bound − value, if nothing is violated. */
  gap: number;
  /** Σ penalty · violation. */
  violation: number;
}

/** What is repaired. */
export interface RepairInput {
  neighbourhood: NeighbourhoodInput;
  standing: Standing;
}

/** One restart of a search. */
export interface RebuildInput extends RepairInput {
  steps: number;
  /** A gap that needs no more search. */
  enough: number;
  seed: number;
  restart: number;
}

/** Nodes of one step's search. */
const STEP_NODES = 5_000;

/** Steps of destroy and rebuild. The same bytes on every machine. */
export function rebuildAround(module: PartModule<ConstraintKernels>, input: RebuildInput): Standing {
  const { neighbourhood, standing, steps, enough, seed, restart } = input;
  const limits = { nodeLimit: STEP_NODES, depth: Math.min(REBUILD_QUERIES, standing.current.length) };
  return within(module, neighbourhood, standing, limits, (kernels, struct, second) => {
    kernels.seedRandom(struct.get("random"), seed, restart);
    kernels.rebuildSteps(struct.address, steps, enough, second);
  });
}

/** Single changes that repair; more are rarely of use. */
const MOST_REPAIRS = 300;

/** Single changes that lessen the violation, each the one of least loss for what it removes. */
export function repairAround(
  module: PartModule<ConstraintKernels>,
  { neighbourhood, standing }: RepairInput,
): Standing {
  return within(module, neighbourhood, standing, { nodeLimit: 0, depth: 0 }, (kernels, struct) => {
    kernels.repair(struct.address, MOST_REPAIRS);
  });
}

/** Tries all allocations in at most `nodes` nodes. */
export function searchAll(
  module: PartModule<ConstraintKernels>,
  {
    neighbourhood,
    standing,
    nodes,
  }: { neighbourhood: NeighbourhoodInput; standing: Standing; nodes: number },
): Standing & { isComplete: boolean } {
  let isComplete = false;
  const limits = { nodeLimit: nodes, depth: standing.current.length };
  const found = within(module, neighbourhood, standing, limits, (kernels, struct) => {
    isComplete = kernels.searchAll(struct.address) !== 0;
  });
  return { ...found, isComplete };
}

function within(
  module: PartModule<ConstraintKernels>,
  neighbourhood: NeighbourhoodInput,
  standing: Standing,
  /** Of one search: nodes, and queries that it unassigns. */
  { nodeLimit, depth }: { nodeLimit: number; depth: number },
  run: (kernels: ConstraintKernels, struct: Struct<typeof Neighbourhood>, second: number) => void,
): Standing {
  const { kernels, arena } = workspace(module);
  const { start, price } = neighbourhood;
  const queries = start.length - 1;
  const rows = price.length;
  const second = arena.write(neighbourhood.second);
  const struct = new Struct(arena, Neighbourhood, {
    queries,
    start: arena.write(start),
    loss: arena.write(neighbourhood.loss),
    amountStart: arena.write(neighbourhood.amountStart),
    amountRow: arena.write(neighbourhood.amountRow),
    amount: arena.write(neighbourhood.amount),
    current: arena.write(standing.current),
    rows,
    slack: arena.write(standing.slack),
    price: arena.write(price),
    penalty: arena.write(neighbourhood.penalty),
    sums: arena.write(Float64Array.of(standing.losses, 0, 0)),
    random: arena.reserve(16),
    destroyed: arena.reserve(4 * queries),
    tried: arena.reserve(4 * queries),
    // The best found follows the options that it takes.
    best: arena.reserve(4 * queries + 32),
    least: arena.reserve(8 * rows * (depth + 1)),
    room: arena.reserve(8 * rows),
    scratch: arena.write(new Float64Array(rows)),
    nodeLimit,
    nodes: 0,
  });
  run(kernels, struct, second);
  const [losses, gap, violation] = arena.f64(struct.get("sums"), 3);
  return {
    current: arena.u32(struct.get("current"), queries).slice(),
    slack: arena.f64(struct.get("slack"), rows).slice(),
    losses,
    gap,
    violation,
  };
}
