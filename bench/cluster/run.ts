// A run of a cluster beside one process that does the same: `node dist/bench/cluster/run.js texts|matrices`; see README.md.
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { AloneOrder } from "./alone.js";
import { writeMatrices, writeTexts } from "./inputs.js";
import { commandLine, Measured, type Taken } from "./measured.js";
import { startRedis } from "./redis.js";

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queries: { type: "string" },
    models: { type: "string", default: "12" },
    /** Files of texts. */
    files: { type: "string", default: "1" },
    /** Rows of a file of matrices; of a shard, if given. */
    "shard-rows": { type: "string" },
    /** How many workers, one run after another. */
    workers: { type: "string", default: "1,2" },
    /** Dollars a query. */
    budget: { type: "string", default: "0.0006" },
    format: { type: "string", default: "jsonl" },
    folder: { type: "string", default: tmpdir() },
    /** Leaves one process out. */
    "skip-alone": { type: "boolean", default: false },
    /** Further options of `optllm cluster plan`, in one text. */
    plan: { type: "string", default: "" },
  },
});
const kind = positionals[0];
if (kind !== "texts" && kind !== "matrices") throw new Error("expected texts or matrices");
const queries = Number(given.queries ?? (kind === "texts" ? 300_000 : 10_000_000));
const models = Number(given.models);
const budget = Number(given.budget) * queries;
const HEAP_MIB = 16_384;

const folder = mkdtempSync(join(given.folder, "optllm-bench-cluster-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const load = (): string => `load average ${loadavg()[0].toFixed(1)}`;

say(`${kind}, ${queries.toLocaleString("en")} × ${models}, Node ${process.version}, ${load()} at the start`);
const made = kind === "texts" ? await makeTexts() : await makeMatrices();
const alone = given["skip-alone"] ? undefined : await made.alone();
if (alone !== undefined) show([alone.taken]);
for (const workers of given.workers.split(",").map(Number)) {
  const { digest, taken, redisMiB } = await onWorkers(workers);
  if (alone !== undefined && digest !== alone.digest)
    throw new Error(`${workers} workers gave another allocation: ${digest}, one process ${alone.digest}`);
  show(taken);
  const [plan] = taken;
  const ratio =
    alone === undefined ? "" : `, ${(plan.seconds / alone.taken.seconds).toFixed(3)} of one process`;
  say(
    `${workers} ${workers === 1 ? "worker" : "workers"}: ${plan.seconds.toFixed(1)} s${ratio}, ` +
      `${((1e9 * plan.seconds) / queries).toFixed(0)} ns a query; Redis ${redisMiB.toFixed(1)} MiB at most; allocation ${digest.slice(0, 16)}, ` +
      (alone === undefined ? "not compared" : "the same"),
  );
}
say(`${load()} at the end`);

interface Made {
  /** What `optllm cluster plan` is given. */
  argv: string[];
  alone(): Promise<{ digest: string; taken: Taken }>;
  /** Of the allocation that a run wrote. */
  digest(run: string): Promise<string>;
}

async function makeTexts(): Promise<Made> {
  mkdirSync(join(folder, "work"));
  const began = performance.now();
  const { work, sample } = await writeTexts(folder, { queries, models, files: Number(given.files) });
  const predictor = join(folder, "p.optllm");
  await commandLine("fit", ["fit", sample, "-o", predictor, "-q"]).end();
  say(`made in ${((performance.now() - began) / 1000).toFixed(0)} s: ${given.files} files and a predictor`);
  const source = ["--predictor-file", predictor, "--budget", `${budget}`, "-q"];
  return {
    argv: [work, ...source],
    alone: async () => {
      const output = join(folder, `alone.${given.format}`);
      const argv = ["solve", work, ...source, "--threads", "1", "-o", output];
      const taken = await commandLine("optllm solve, 1 thread", argv, { heapMiB: HEAP_MIB }).end();
      return { digest: await digestOf([output]), taken };
    },
    digest: (run) => digestOf(readdirSync(join(run, "allocation")).sort().map((part) => join(run, "allocation", part))), // prettier-ignore
  };
}

async function makeMatrices(): Promise<Made> {
  const began = performance.now();
  const partRows = Number(given["shard-rows"] ?? 2_000_000);
  const paths = await writeMatrices(folder, { queries, models, partRows }, () => undefined);
  say(`made in ${((performance.now() - began) / 1000).toFixed(0)} s: ${paths.length} pairs of files`);
  const names = Array.from({ length: models }, (_, m) => `m${m}`);
  return {
    argv: [...paths, "--models", names.join(","), "--budget", `${budget}`, "-q"],
    alone: async () => {
      const order: AloneOrder = { paths, models: names, budget };
      const module = fileURLToPath(new URL("alone.js", import.meta.url));
      const process = new Measured("one process, file after file", [module, JSON.stringify(order)]);
      const taken = await process.end();
      return { digest: process.out, taken };
    },
    digest: (run) => digestOf([join(run, "allocation.u8")]),
  };
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

async function onWorkers(count: number) {
  const redis = await startRedis();
  const run = join(folder, `run-${count}`);
  const workers = Array.from({ length: count }, (_, k) =>
    commandLine(`worker ${k + 1}`, ["cluster", "worker", "--queue", redis.url, "--threads", "1"]),
  );
  for (const worker of workers) await worker.says("taking tasks");
  const more = given.plan.split(" ").filter((text) => text !== "");
  const shards = given["shard-rows"] === undefined ? [] : ["--shard-rows", given["shard-rows"]];
  const options = ["--queue", redis.url, "--format", given.format, ...shards, ...more];
  const plan = await commandLine(`optllm cluster plan, ${count} workers`, [
    ...["cluster", "plan", ...made.argv],
    ...["-o", run, ...options],
  ]).end();
  const redisMiB = await redis.peakMiB();
  const taken = [plan, ...(await Promise.all(workers.map((worker) => worker.stop())))];
  await redis.stop();
  const digest = await made.digest(run);
  rmSync(run, { recursive: true });
  return { digest, taken, redisMiB };
}

function show(rows: readonly Taken[]): void {
  for (const { what, seconds, cpuSeconds, peakMiB } of rows)
    say(
      `  ${what.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s  ${cpuSeconds.toFixed(1).padStart(7)} s of CPU  ${peakMiB.toFixed(0).padStart(6)} MiB at most`,
    );
}
