import { mkdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun, type Manifest } from "../../src/cluster/plan.js";
import { onQueue } from "../../src/cluster/queue/dispatch.js";
import { createRun, type RunOptions } from "../../src/cluster/run.js";
import { isRedisHere, RedisServer } from "../online/ledger/redis/server.js";
import { madeProblem, testFolder, writeParts } from "./made.js";
import { isPostgresHere, PostgresServer } from "./servers.js";
import { worker, type CommandLine } from "./workers.js";

const at = testFolder("queue");

const SERVERS = [
  { name: "Redis", isHere: isRedisHere, start: () => RedisServer.start() },
  { name: "PostgreSQL", isHere: isPostgresHere, start: () => PostgresServer.start() },
];

for (const { name, isHere, start } of SERVERS)
  describe.skipIf(!isHere)(isHere ? `a run on ${name}` : `a run on ${name} (skipped: not installed)`, () => {
    let server: RedisServer | PostgresServer;
    const workers: CommandLine[] = [];
    let options: RunOptions;
    let alone: Manifest;

    beforeAll(async () => {
      mkdirSync(at(name));
      const problem = madeProblem(70_000, 64, true);
      const inputs = writeParts(problem, [20_000, 40_000], (file) => at(name, file));
      options = { inputs, models: problem.models, target: { budget: 12_000 }, shardRows: 1 };
      await createRun(at(name, "alone"), options);
      alone = await finishRun(at(name, "alone"), inline);
      server = await start();
    });
    afterAll(async () => {
      for (const one of workers) await one.stop();
      await server.stop();
    });

    it("gives the same bytes with one worker and with two, and two runs share the workers", async () => {
      workers.push(worker(server.url));
      await planned("one");
      workers.push(worker(server.url));
      await Promise.all([planned("two"), planned("three")]);
      const ended = workers.map(({ out }) => out.trim().split("\n").length);
      expect(ended[0] + ended[1]).toBeGreaterThanOrEqual(3 * 12);
    });

    async function planned(run: string): Promise<void> {
      const folder = at(name, run);
      await createRun(folder, options);
      const dispatcher = await onQueue(server.url);
      try {
        expect(await finishRun(folder, dispatcher)).toEqual(alone);
      } finally {
        await dispatcher.close();
      }
      const front = (where: string): string => readFileSync(at(name, where, "front.csv"), "utf8");
      expect(front(run)).toBe(front("alone"));
    }
  });
