import { allocate, type Price } from "../core/solve/allocate.js";
import type { Matrices } from "../core/solve/block.js";
import { bracketPrices, type Bracket } from "../core/solve/bracket.js";
import { sumHulls, type BucketSums } from "../core/solve/buckets.js";
import {
  findCandidates,
  type CandidatesInput,
  type FoundCandidates,
} from "../core/solve/constraints/candidates.js";
import { firstLarge, type LargeInput } from "../core/solve/constraints/large.js";
import { constraintsModule } from "../core/solve/constraints/module.js";
import {
  rebuildAround,
  repairAround,
  type RebuildInput,
  type RepairInput,
  type Standing,
} from "../core/solve/constraints/neighbourhood.js";
import { copyOf, type CopyInput } from "../core/solve/constraints/copied.js";
import type { PricedPart, View } from "../core/solve/constraints/priced.js";
import { roundStrand, type RoundStrand } from "../core/solve/constraints/round.js";
import { smooth, type SmoothInput, type SmoothSums } from "../core/solve/constraints/smooth.js";
import { tally, type Tally, type TallyInput } from "../core/solve/constraints/tally.js";
import { split, type Split } from "../core/solve/constraints/split.js";
import type { Core } from "../core/core.js";
import {
  findAll,
  searchAround,
  type Found,
  type SearchInput,
  type StatesInput,
} from "../core/solve/search.js";
import { constraintsCore } from "./cores.js";

/** Work on queries `from` … `to` − 1, as plain data that a worker thread can be sent. */
export type Job =
  | { kind: "sumHulls"; problem: Matrices; from: number; to: number; places: number }
  | { kind: "allocate"; problem: Matrices; from: number; to: number; price: Price; isChecked: boolean }
  | {
      kind: "bracket";
      problem: Matrices;
      from: number;
      to: number;
      high: Price;
      low: Price;
      isChecked: boolean;
      places: number;
    }
  | ({ kind: "large" } & LargeInput)
  | ({ kind: "copy" } & CopyInput)
  | ({ kind: "smooth" } & SmoothInput)
  | ({ kind: "split"; cut: number } & PricedPart)
  | ({ kind: "candidates" } & CandidatesInput)
  | ({ kind: "round" } & RoundStrand)
  | ({ kind: "tally" } & TallyInput)
  | ({ kind: "repair" } & RepairInput)
  | ({ kind: "rebuild" } & RebuildInput)
  | SlicedJob;

/** Long work on a small problem, which lets other work run between two slices. */
export type SlicedJob = ({ kind: "states" } & StatesInput) | ({ kind: "search" } & SearchInput);

export interface JobResults {
  sumHulls: BucketSums;
  allocate: Uint8Array;
  bracket: Bracket;
  large: number;
  copy: View;
  smooth: SmoothSums;
  split: Split;
  candidates: FoundCandidates;
  round: ReturnType<typeof roundStrand>;
  tally: Tally;
  repair: Standing;
  rebuild: Standing;
  states: Found;
  search: Found;
}

export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

/** Runs one job: the same code inline and in a worker. */
export function runJob<Kind extends Job["kind"]>(core: Core, job: JobOf<Kind>): JobResults[Kind];
export function runJob(core: Core, job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "sumHulls":
      return sumHulls(core, job.problem, job.from, job.to, job.places);
    case "allocate": {
      const allocation = new Uint8Array(job.to - job.from);
      allocate(core, job.problem, job.from, job.to, job.price, allocation, job.isChecked);
      return allocation;
    }
    case "bracket":
      return bracketPrices(core, job.problem, job.from, job.to, job.high, job.low, job.isChecked, job.places);
    case "large":
      return firstLarge(job);
    case "copy":
      return copyOf(job);
    case "smooth":
      return smooth(constraintsCore(), job);
    case "split":
      return split(constraintsCore(), job);
    case "candidates":
      return findCandidates(constraintsCore(), job);
    case "round":
      return roundStrand(constraintsCore(), job);
    case "tally":
      return tally(job);
    case "repair":
      return repairAround(constraintsModule(), job);
    case "rebuild":
      return rebuildAround(constraintsModule(), job);
    case "states":
    case "search":
      return drain(slicesOf(core, job));
  }
}

const CONSTRAINED: readonly Job["kind"][] = [
  "copy",
  "smooth",
  "split",
  "round",
  "candidates",
  "tally",
  "repair",
  "rebuild",
];

/** Whether a job is of a plan under constraints, whose module `loadConstraints` loads. */
export function isConstrained({ kind }: Job): boolean {
  return CONSTRAINED.includes(kind);
}

export function isSliced(job: Job): job is SlicedJob {
  return job.kind === "states" || job.kind === "search";
}

/** A job slice by slice, in an instance of its own: between two slices others may use the core. */
export function slicesOf({ module }: Core, job: SlicedJob): Generator<void, Found> {
  return job.kind === "states" ? findAll(module, job) : searchAround(module, job);
}

function drain<T>(slices: Generator<void, T>): T {
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/** Options (queries × models) of one shard: some milliseconds of work, whatever the number of models. */
const SHARD_OPTIONS = 1 << 21;

/** Rows of a shard. */
export function shardRows(models: number): number {
  return Math.max(1, Math.floor(SHARD_OPTIONS / models));
}

/**
 * Fixed shard borders, which depend on the problem's shape alone, so that sums are the same for any number of threads.
 */
export function shards(queries: number, models: number): { from: number; to: number }[] {
  const rows = shardRows(models);
  const count = Math.max(1, Math.ceil(queries / rows));
  return Array.from({ length: count }, (_, i) => ({ from: i * rows, to: Math.min((i + 1) * rows, queries) }));
}
