import type { Chosen } from "../../src/solve/choice.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront, type Front } from "../../src/solve/front.js";
import type { Problem } from "../../src/types.js";
import type { Task } from "../peers/peer.js";
import { digestOf, type Row } from "../report.js";
import { MODELS } from "../settings.js";

export const OURS = "OptLLM";
/** `full` resolution takes this many possible increments at most. */
const MOST_FULL = 64_000_000;

/** Status of a row, and the answer that it stands for. */
export type Verified = Pick<Row, "status" | "note" | "digest">;

/** One problem with what its scenarios share: a front, a budget and the answers that must agree. */
export interface Workload {
  problem: Problem & { cost: Float32Array };
  task: Task;
  front: Front;
  /** Price of accuracy at which the budget's choice stands. */
  lambda: number;
  /** Digest of the allocation that is chosen within the budget. */
  expected: string;
  /** Compares an answer with the one that another number of threads gave in the scenario. */
  verify(scenario: string, digest: string): Verified;
}

export async function workloadOf(
  queries: number,
  problem: Problem & { cost: Float32Array },
): Promise<Workload> {
  const front = await solveFront(problem, { resolution: "buckets" });
  const budget = thirdOfTheWay(front);
  const { lambda, allocation } = chosen(await choose(front, { budget }));
  const { cost, successProbability } = problem;
  const digests = new Map<string, string>();
  return {
    problem,
    task: { queries, models: MODELS, cost, successProbability, budget },
    front,
    lambda,
    expected: digestOf(allocation),
    verify(scenario, digest) {
      const first = digests.get(scenario);
      digests.set(scenario, digest);
      return sameAs(digest, first);
    },
  };
}

export function thirdOfTheWay({ totalCost }: Front): number {
  return totalCost[0] + (totalCost[totalCost.length - 1] - totalCost[0]) / 3;
}

export function fitsFull(queries: number): boolean {
  return queries * (MODELS - 1) <= MOST_FULL;
}

export function chosen(choice: Awaited<ReturnType<typeof choose>>): Chosen {
  if (choice.status !== "chosen") throw new Error("a budget above the cheapest cost must be feasible");
  return choice;
}

/** Fails the row when the answer differs from the one that another number of threads gave. */
export function sameAs(digest: string, first: string | undefined): Verified {
  return first === undefined || first === digest
    ? { status: "measured", digest }
    : { status: "disagrees", note: "the answer depends on the number of threads", digest };
}
