// Lets one peer solve one size in a process of its own, within the time limit, and judges its answer.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { choose } from "../src/solve/choose.js";
import { solveFront, type Front } from "../src/solve/front.js";
import type { Problem } from "../src/types.js";
import type { Message, Order } from "./child.js";
import { judgeFront, judgeShares, type Verdict } from "./judge.js";
import { PEERS } from "./peers/index.js";
import type { Answer, Peer, Task } from "./peers/peer.js";
import { digestOf, type Row } from "./report.js";
import { addRow } from "./rows.js";
import { frontQuality } from "./scenarios/fronts.js";
import type { Scenario } from "./scenarios/scenario.js";
import { chosen, fitsFull, thirdOfTheWay } from "./scenarios/workload.js";
import { limitMs, MODELS, repeat, SEED } from "./settings.js";

/** A peer that needs more, by its own arithmetic, is not tried: 4 GiB. */
const MOST_MEMORY = 4 * 2 ** 30;

/** Adds the row of a peer; returns whether its answer was right. */
export async function runPeer(
  scenario: Scenario,
  key: string,
  queries: number,
  problem: Problem & { cost: Float32Array },
): Promise<boolean> {
  const peer = PEERS[key];
  const { cost, successProbability } = problem;
  const front = await solveFront(problem, {
    resolution: peer.answers === "front" && fitsFull(queries) ? "full" : "buckets",
  });
  const budget = thirdOfTheWay(front);
  const task: Task = { queries, models: MODELS, cost, successProbability, budget };
  const row = { solver: peer.name, queries, threads: 1 };
  const needed = peer.memoryBytes?.(queries, MODELS) ?? 0;
  if (needed > MOST_MEMORY) {
    const why = `its dense tableau would take ${(needed / 2 ** 30).toFixed(0)} GiB`;
    addRow(scenario, { ...row, samples: [], status: "skipped", note: why });
    return false;
  }
  const outcome = await inChild({ peer: key, queries, models: MODELS, seed: SEED, budget, repeat });
  if (outcome.status !== "answered") {
    addRow(scenario, { ...row, samples: [], status: outcome.status, note: outcome.note });
    return false;
  }
  const verdict = await judge(peer, task, outcome.answer, front);
  const isRight = verdict.status === "agrees";
  addRow(scenario, {
    ...row,
    // The answer comes first: without it no times.
    samples: isRight ? outcome.samples : [],
    status: verdict.status === "agrees" ? "measured" : verdict.status,
    note: verdict.note,
    gap: verdict.gap,
    ...describe(outcome.answer),
  });
  return isRight;
}

async function judge(peer: Peer, task: Task, answer: Answer, front: Front): Promise<Verdict> {
  if (answer.kind === "front") return judgeFront(answer, front);
  // Refinement may prove a bound below the relaxation's, of whole allocations only.
  const refine = peer.answers === "integer";
  const ours = chosen(await choose(front, { budget: task.budget }, { refine }));
  return judgeShares(peer, task, answer.share, ours);
}

function describe(answer: Answer): Partial<Row> {
  return answer.kind === "front"
    ? { ...frontQuality(answer), digest: digestOf(answer.cost, answer.accuracy) }
    : { digest: digestOf(answer.share) };
}

type Outcome =
  { status: "answered"; answer: Answer; samples: number[] } | { status: "timeout" | "failed"; note: string };

/** Starts a child, gives its first answer the time limit and its repetitions as much again. */
function inChild(order: Order): Promise<Outcome> {
  const child = fork(fileURLToPath(new URL("child.js", import.meta.url)), [JSON.stringify(order)], {
    serialization: "advanced",
    execArgv: ["--max-old-space-size=4096"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  return new Promise((resolve) => {
    let answer: Answer | undefined;
    const samples: number[] = [];
    let errors = "";
    let timer: NodeJS.Timeout | undefined;
    const settle = (otherwise: Outcome): void => {
      clearTimeout(timer);
      resolve(
        answer !== undefined && samples.length > 0 ? { status: "answered", answer, samples } : otherwise,
      );
    };
    const limit = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.kill("SIGKILL");
        settle({ status: "timeout", note: `no answer in ${limitMs / 1000} s` });
      }, ms);
    };
    // Loading the solver and making the problem have a limit of their own.
    limit(limitMs + 60_000);
    child.stderr?.on("data", (text: Buffer) => (errors += text.toString()));
    child.on("message", (message: Message) => {
      if (message.kind === "ready") limit(limitMs);
      if (message.kind === "answer") {
        answer = message.answer;
        limit(limitMs * order.repeat);
      }
      if (message.kind === "sample") samples.push(message.ms);
    });
    child.on("error", (error) => settle({ status: "failed", note: error.message }));
    child.on("close", (code, signal) => {
      const reason = errors.split("\n").find((line) => /error/i.test(line)) ?? `ended with ${signal ?? code}`;
      settle({ status: "failed", note: reason.trim().slice(0, 120) });
    });
  });
}
