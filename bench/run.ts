// Times whole scenarios from 10³ to 10⁷ queries, ours beside other solvers': see bench/README.md.
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allocateAt } from "../src/solve/allocate.js";
import { choose } from "../src/solve/choose.js";
import type { Chosen } from "../src/solve/choice.js";
import { type Front, solveFront } from "../src/solve/front.js";
import { idealNadir } from "../src/solve/metrics/pointSet.js";
import { normalisedHypervolume } from "../src/solve/metrics/indicator.js";
import { Pool } from "../src/pool/pool.js";
import type { Problem } from "../src/types.js";
import { simulateProblem } from "../src/simulate/simulate.js";
import type { Message, Order } from "./child.js";
import { judgeFront, judgeOurs, judgeShares, type Verdict } from "./judge.js";
import { PEERS } from "./peers/index.js";
import type { Answer, Peer, Task } from "./peers/peer.js";
import { digestOf, environment, summarise, tableOf, type Row } from "./report.js";

const MODELS = 12;
const WARM_UP_MS = 300;
const SEED = 1;
/** Peers that need more than so much by their own arithmetic are not tried. */
const MOST_MEMORY = 4 * 2 ** 30;
/** `full` resolution takes this many possible increments at most. */
const MOST_FULL = 64_000_000;

const SCENARIOS = {
  buckets: "front at buckets resolution: from matrices to one point an efficiency bucket",
  full: "front at full resolution: from matrices to every supported point",
  choose: "choice: from a front to the allocation within a budget a third of the way, with its bound",
  allocate: "allocation at one price: from matrices to one model a query",
  budget: "one budget: from matrices to the best allocation found within it",
  relaxed:
    "bound of one budget: from matrices to the value of the linear relaxation, which OptLLM gives with the choice",
};
type Scenario = keyof typeof SCENARIOS;

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    large: { type: "boolean", default: false },
    repeat: { type: "string", default: "5" },
    limit: { type: "string" },
  },
});
const repeat = Number(flags.repeat);
const limitMs = 1000 * Number(flags.limit ?? (flags.large ? "60" : "10"));
if (!(Number.isInteger(repeat) && repeat >= 1 && limitMs > 0)) {
  throw new Error("--repeat takes a whole number from 1, --limit seconds above 0");
}
const isWanted = (scenario: Scenario, solver: string): boolean =>
  `${SCENARIOS[scenario]} ${scenario} ${solver}`.toLowerCase().includes(flags.only.toLowerCase());

const OURS = "OptLLM";
const SIZES = [1_000, 10_000, 100_000, 1_000_000, ...(flags.large ? [10_000_000] : [])];
const PEER_SIZES = [100, ...SIZES];

const fitsFull = (queries: number): boolean => queries * (MODELS - 1) <= MOST_FULL;
const rows: Row[] = [];
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Warms up for a while, then runs `repeat` times; what takes seconds at most three times. */
async function timed<T>(run: () => Promise<T>): Promise<{ samples: number[]; result: T }> {
  const warm = performance.now();
  let result: T;
  do result = await run();
  while (performance.now() - warm < WARM_UP_MS);
  const most = performance.now() - warm > 3_000 ? Math.min(3, repeat) : repeat;
  const samples: number[] = [];
  while (samples.length < most) {
    const start = performance.now();
    result = await run();
    samples.push(performance.now() - start);
  }
  return { samples, result };
}

function add(
  scenario: Scenario,
  row: Omit<Row, "scenario" | "models" | "seed" | "min" | "median" | "p95">,
): void {
  const full: Row = {
    ...row,
    scenario: SCENARIOS[scenario],
    models: MODELS,
    seed: SEED,
    ...summarise(row.samples),
  };
  rows.push(full);
  const time = full.median === undefined ? (full.note ?? "") : `${full.median.toFixed(2)} ms`;
  note(`${scenario}, ${row.queries} queries, ${row.threads} thread(s), ${row.solver}: ${row.status} ${time}`);
}

function qualityOf(front: Front | (Answer & { kind: "front" })): Pick<Row, "points" | "hypervolume"> {
  const set = "totalCost" in front ? { cost: front.totalCost, accuracy: front.expectedAccuracy } : front;
  return { points: set.cost.length, hypervolume: normalisedHypervolume(set, idealNadir(set)) };
}

function thirdOfTheWay({ totalCost }: Front): number {
  return totalCost[0] + (totalCost[totalCost.length - 1] - totalCost[0]) / 3;
}

function chosen(choice: Awaited<ReturnType<typeof choose>>): Chosen {
  if (choice.status !== "chosen") throw new Error("a budget above the cheapest cost must be feasible");
  return choice;
}

/** Fails the row when the answer differs from the one that another number of threads gave. */
function sameAs(digest: string, first: string | undefined): Pick<Row, "status" | "note" | "digest"> {
  return first === undefined || first === digest
    ? { status: "measured", digest }
    : { status: "disagrees", note: "the answer depends on the number of threads", digest };
}

async function runOurs(queries: number, problem: Problem, pool: Pool): Promise<void> {
  const threads = [
    [1, undefined],
    [2, pool],
  ] as const;
  const solver = OURS;
  const digests = new Map<Scenario, string>();
  const keep = (scenario: Scenario, digest: string) => {
    const verdict = sameAs(digest, digests.get(scenario));
    digests.set(scenario, digest);
    return verdict;
  };
  const digestFront = ({ totalCost, expectedAccuracy, lambda }: Front): string =>
    digestOf(totalCost, expectedAccuracy, lambda);

  const front = await solveFront(problem, { resolution: "buckets" });
  const budget = thirdOfTheWay(front);
  const { lambda, allocation } = chosen(await choose(front, { budget }));
  const expected = digestOf(allocation);
  const { cost, successProbability } = problem;
  const task: Task = { queries, models: MODELS, cost, successProbability, budget };

  for (const resolution of ["buckets", "full"] as const) {
    if (!isWanted(resolution, solver)) continue;
    for (const [count, workers] of threads) {
      if (resolution === "full" && !fitsFull(queries)) {
        const why = "at most 64 million possible increments";
        add(resolution, { solver, queries, threads: count, samples: [], status: "skipped", note: why });
        continue;
      }
      const { samples, result } = await timed(() => solveFront(problem, { resolution, pool: workers }));
      add(resolution, {
        ...{ solver, queries, threads: count, samples },
        ...keep(resolution, digestFront(result)),
        ...(digestOf(chosen(await choose(result, { budget })).allocation) === expected
          ? {}
          : disagreeing({ note: "a choice from this front differs from one at buckets resolution" })),
        ...qualityOf(result),
      });
    }
  }
  for (const [count, workers] of threads) {
    const row = { solver, queries, threads: count };
    const options = { pool: workers };
    const addChoice = (scenario: Scenario, samples: number[], choice: Chosen): void => {
      const verdict = judgeOurs(task, choice);
      const digest = digestOf(choice.allocation);
      const same = digest === expected ? keep(scenario, digest) : sameAs(digest, expected);
      const isRight = verdict.status === "agrees";
      add(scenario, { ...row, samples, ...same, ...(isRight ? {} : disagreeing(verdict)), gap: choice.gap });
    };
    if (isWanted("choose", solver)) {
      const { samples, result } = await timed(() => choose(front, { budget }, options));
      addChoice("choose", samples, chosen(result));
    }
    if (isWanted("allocate", solver)) {
      const { samples, result } = await timed(() => allocateAt(problem, lambda, options));
      add("allocate", { ...row, samples, ...keep("allocate", digestOf(result)) });
    }
    if (isWanted("budget", solver)) {
      const { samples, result } = await timed(async () =>
        choose(await solveFront(problem, { ...options, resolution: "buckets" }), { budget }, options),
      );
      addChoice("budget", samples, chosen(result));
    }
  }
}

function disagreeing({ note }: Pick<Verdict, "note">): Pick<Row, "status" | "note"> {
  return { status: "disagrees", note };
}

/** Lets one peer solve one size in a process of its own, within the time limit, and judges its answer. */
async function runPeer(scenario: Scenario, key: string, queries: number, problem: Problem): Promise<boolean> {
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
    add(scenario, { ...row, samples: [], status: "skipped", note: why });
    return false;
  }
  const outcome = await inChild({ peer: key, queries, models: MODELS, seed: SEED, budget, repeat });
  if (outcome.status !== "answered") {
    add(scenario, { ...row, samples: [], status: outcome.status, note: outcome.note });
    return false;
  }
  const { answer, samples } = outcome;
  const verdict = await judge(peer, task, answer, front);
  const isRight = verdict.status === "agrees";
  add(scenario, {
    ...row,
    // The answer comes first: without it no times.
    samples: isRight ? samples : [],
    status: verdict.status === "agrees" ? "measured" : verdict.status,
    note: verdict.note,
    gap: verdict.gap,
    ...(answer.kind === "front"
      ? { ...qualityOf(answer), digest: digestOf(answer.cost, answer.accuracy) }
      : { digest: digestOf(answer.share) }),
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

const started = performance.now();
const where = environment();
const pool = new Pool({ threads: 2 });
const stillIn = new Set(Object.keys(PEERS));
for (const queries of PEER_SIZES) {
  const problem = simulateProblem({ queries, models: MODELS, seed: SEED });
  await runOurs(queries, problem, pool);
  for (const [key, peer] of Object.entries(PEERS)) {
    const scenario = { front: "full", integer: "budget", relaxed: "relaxed" }[peer.answers] as Scenario;
    if (!stillIn.has(key) || !isWanted(scenario, peer.name)) continue;
    if (!(await runPeer(scenario, key, queries, problem))) stillIn.delete(key);
  }
}
await pool.close();

const report = {
  ...where,
  timeLimitMs: limitMs,
  totalSeconds: Math.round((performance.now() - started) / 1000),
  rows,
};
mkdirSync("out", { recursive: true });
writeFileSync("out/bench.json", `${JSON.stringify(report, null, 1)}\n`);
console.log(
  `${where.cpu}, ${where.cores} cores, ${where.machine}, Node ${where.node}, ${where.date.slice(0, 10)}\n` +
    `load average ${where.loadAverage} at the start, commit ${where.gitCommit}, ` +
    `release.wasm ${where.wasmSha256.slice(0, 16)}\n\n` +
    `A row is one solver on one simulated problem of ${MODELS} models, seed ${SEED}; peers stop at the first size\n` +
    `that they do not solve in ${limitMs / 1000} s. Times are milliseconds. Answers were compared before times were\n` +
    `kept. gap: expected accuracy (0 … 1) below the proven bound. hypervolume: 1 is the ideal.\n${tableOf(rows)}`,
);
note(`\n${report.totalSeconds} s; written to out/bench.json`);
if (rows.some(({ status }) => status === "disagrees")) {
  note("an answer of ours and a peer's or another thread count's contradict each other: see the rows");
  process.exitCode = 1;
}
