// One peer in a process of its own, so that one that hangs or runs out of memory stops nothing else.
import { simulateProblem } from "../src/simulate/simulate.js";
import { PEERS } from "./peers/index.js";
import type { Answer, Task } from "./peers/peer.js";

/** What the parent asks for, as JSON in the first argument. */
export interface Order {
  peer: string;
  queries: number;
  models: number;
  seed: number;
  budget: number;
  /** Most timed runs; a first run of over three seconds stays the only one. */
  repeat: number;
}

/** What the child says: that the clock starts, the first answer, and the milliseconds of each run. */
export type Message = { kind: "ready" } | { kind: "answer"; answer: Answer } | { kind: "sample"; ms: number };

const SINGLE_RUN_MS = 3_000;
const WARM_UP_MS = 300;

/** Settles when the message has left, since a large answer takes its time. */
function say(message: Message): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}

const { peer, queries, models, seed, budget, repeat } = JSON.parse(process.argv[2]) as Order;
const solve = await PEERS[peer].load();
const taskOf = (size: number, dollars: number): Task => {
  const { cost, successProbability } = simulateProblem({ queries: size, models, seed });
  return { queries: size, models, cost, successProbability, budget: dollars };
};
const task = taskOf(queries, budget);
// Warm up on a small problem, whose budget is the mean cost: neither the cheapest nor the dearest allocation.
const warmUp = taskOf(20, 0);
warmUp.budget = warmUp.cost.reduce((sum, c) => sum + c) / models;
const warmUntil = performance.now() + WARM_UP_MS;
do solve(warmUp);
while (performance.now() < warmUntil);

await say({ kind: "ready" });
let runs = 0;
let first = 0;
do {
  const start = performance.now();
  const answer = solve(task);
  const ms = performance.now() - start;
  if (runs++ === 0) {
    first = ms;
    await say({ kind: "answer", answer });
  }
  await say({ kind: "sample", ms });
} while (runs < repeat && first < SINGLE_RUN_MS);
process.disconnect?.();
