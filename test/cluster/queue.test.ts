import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finishRun, type Manifest } from "../../src/cluster/plan.js";
import { onQueue } from "../../src/cluster/queue/dispatch.js";
import { createRun } from "../../src/cluster/run.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { run } from "../cli/run.js";
import { isRedisHere, RedisServer } from "../online/ledger/redis/server.js";
import { isLong } from "../runs.js";
import { simulated } from "../simulated.js";
import { testFolder } from "./made.js";
import { isPostgresHere, PostgresServer } from "./servers.js";
import { worker, type CommandLine } from "./workers.js";

const at = testFolder("queue");
/** With 255 models a shard has at least 8,224 rows: these are two. */
const [ROWS, MODELS] = isLong ? [8_500, 255] : [2_000, 4];
const BUDGET = isLong ? 40 : 2;
const SHARDS = [1, 2_000_000];
/** What `optllm solve` writes and says. */
let alone: { rows: string; totalCost: number };

async function makeWork(): Promise<void> {
  const sample = simulated({ queries: 60, models: MODELS, seed: 1 });
  writeFileSync(at("p.optllm"), savePredictor(await fitPredictor(sample, [], { predictor: "base-rate" })));
  const { ids, queries } = simulated({ queries: ROWS, models: MODELS, seed: 2 });
  const lines = ids.map((id, q) => JSON.stringify({ id, query: queries[q] }));
  writeFileSync(at("work.jsonl"), `${lines.join("\n")}\n`);
  const source = ["--predictor-file", at("p.optllm"), "--budget", `${BUDGET}`, "--threads", "1", "--json"];
  const { code, out } = await run("solve", at("work.jsonl"), ...source, "-o", at("alone.jsonl"));
  expect(code).toBe(0);
  const { totalCost } = JSON.parse(out) as { totalCost: number };
  alone = { rows: readFileSync(at("alone.jsonl"), "utf8"), totalCost };
}

const SERVERS = [
  { name: "Redis", isHere: isRedisHere, start: () => RedisServer.start() },
  { name: "PostgreSQL", isHere: isPostgresHere, start: () => PostgresServer.start() },
];
const isHere = SERVERS.some((server) => server.isHere);

describe.skipIf(!isHere)("a run on a queue", () => {
  beforeAll(makeWork);

  for (const { name, isHere, start } of SERVERS)
    describe.skipIf(!isHere)(isHere ? `on ${name}` : `on ${name} (skipped: not installed)`, () => {
      const workers: CommandLine[] = [];
      let server: RedisServer | PostgresServer;
      beforeAll(async () => void (server = await start()));
      afterAll(async () => {
        for (const one of workers) await one.stop();
        await server.stop();
      });

      it("waits for a worker, and says so", async () => {
        const notes: string[] = [];
        const waiting = planned(`${name}-waiting`, 2_000_000, (text) => notes.push(text));
        await expect.poll(() => notes.join("\n")).toContain("no worker takes tasks");
        expect(new Set(notes).size).toBe(1);
        const late = worker(server.url);
        workers.push(late);
        await waiting;
        await late.stop();
        workers.length = 0;
      });

      it("gives the bytes of one process with any number of workers, and two runs share them", async () => {
        let tasks = 0;
        for (const count of isLong ? [1, 2, 4] : [2]) {
          while (workers.length < count) workers.push(worker(server.url));
          for (const one of workers) await one.until(() => one.err.includes("taking tasks"));
          const manifests = await Promise.all(
            SHARDS.map((shardRows) => planned(`${name}-${count}-${shardRows}`, shardRows)),
          );
          for (const { inputs, parts } of manifests) tasks += 1 + inputs.length + parts.length;
        }
        const ended = (): number[] =>
          workers.map(({ out }) => out.split("\n").filter((line) => /"done"/.test(line)).length);
        // A worker says so after its output is there.
        await expect.poll(() => ended().reduce((sum, number) => sum + number)).toBeGreaterThan(tasks);
        await expect.poll(() => Math.min(...ended())).toBeGreaterThan(0);
      });

      async function planned(
        folder: string,
        shardRows: number,
        onNote?: (text: string) => void,
      ): Promise<Manifest> {
        await createRun(at(folder), {
          ...{ inputs: [at("work.jsonl")], predictorFile: at("p.optllm"), target: { budget: BUDGET } },
          ...{ shardRows, pieceBytes: isLong ? 1_000_000 : 250_000, fewOptions: 0 },
        });
        const dispatcher = await onQueue(server.url);
        try {
          const manifest = await finishRun(at(folder), dispatcher, { onNote });
          const parts = readdirSync(at(folder, "allocation"));
          expect(parts.length).toBeGreaterThan(2);
          const rows = parts.map((part) => readFileSync(at(folder, "allocation", part), "utf8")).join("");
          expect(rows === alone.rows).toBe(true);
          expect(manifest.certificate?.totalCost).toBe(alone.totalCost);
          return manifest;
        } finally {
          await dispatcher.close();
        }
      }
    });
});
