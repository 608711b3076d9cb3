import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { connectQueue } from "../../src/cluster/queue/connect.js";
import { onQueue } from "../../src/cluster/queue/dispatch.js";
import { createRun } from "../../src/cluster/run.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { isRedisHere, RedisServer } from "../online/ledger/redis/server.js";
import { simulated } from "../simulated.js";
import { testFolder } from "./made.js";
import { isPostgresHere, PostgresServer } from "./servers.js";
import { CommandLine, worker } from "./workers.js";

const at = testFolder("misplaced");
const root = fileURLToPath(new URL("../..", import.meta.url));
const OTHER = at("other/dist/src/cli/bin.js");

/** The package as another version, which refuses the runs of this one. */
function makeOther(): void {
  cpSync(`${root}/dist`, at("other/dist"), { recursive: true });
  for (const name of ["node_modules", "build"]) symlinkSync(`${root}/${name}`, at("other", name));
  const text = readFileSync(`${root}/package.json`, "utf8");
  writeFileSync(at("other/package.json"), text.replace(/"version": "[^"]*"/, '"version": "0.0.0-other"'));
}

const INPUTS = [0, 1, 2].map((k) => at(`work-${k}.jsonl`));

async function makeWork(): Promise<void> {
  const sample = simulated({ queries: 60, models: 4, seed: 1 });
  writeFileSync(at("p.optllm"), savePredictor(await fitPredictor(sample, [], { predictor: "base-rate" })));
  INPUTS.forEach((input, k) => {
    const { queries } = simulated({ queries: 300, models: 4, seed: 2 + k });
    writeFileSync(input, queries.map((query) => `${JSON.stringify({ query })}\n`).join(""));
  });
}

const create = (folder: string) =>
  createRun(folder, { inputs: INPUTS, predictorFile: at("p.optllm"), target: { budget: 1 }, fewOptions: 0 });

const SERVERS = [
  { name: "Redis", isHere: isRedisHere, start: () => RedisServer.start() },
  { name: "PostgreSQL", isHere: isPostgresHere, start: () => PostgresServer.start() },
];

describe.skipIf(!SERVERS.some(({ isHere }) => isHere))("a worker that cannot do a task", () => {
  beforeAll(async () => {
    makeOther();
    await makeWork();
    await create(at("alone"));
    await finishRun(at("alone"), inline);
  });

  describe.each(SERVERS.filter(({ isHere }) => isHere))("on $name", ({ name, start }) => {
    let server: RedisServer | PostgresServer;
    let workers: CommandLine[] = [];
    let dispatcher: Awaited<ReturnType<typeof onQueue>>;
    const started = (one: CommandLine): CommandLine => {
      workers.push(one);
      return one;
    };
    const other = (): CommandLine =>
      started(new CommandLine(OTHER, "cluster", "worker", "--queue", server.url, "--threads", "2"));

    beforeAll(async () => void (server = await start()));
    afterAll(() => server.stop());
    beforeEach(async () => void (dispatcher = await onQueue(server.url)));
    afterEach(async () => {
      await dispatcher.close();
      for (const one of workers) await one.stop();
      workers = [];
    });

    it("ends with the reason, and others do its tasks", async () => {
      const run = at(`${name}-run`);
      await create(run);
      const notes: string[] = [];
      const misplaced = other();
      const finished = finishRun(run, dispatcher, { onNote: (text) => notes.push(text) });
      expect(await misplaced.ended).toBe(2);
      expect(misplaced.err).toMatch(/cannot do a task: .* this is 0\.0\.0-other.*same version/);
      expect(notes.join("\n")).toMatch(/a worker ends, and its task is given to another: .*0\.0\.0-other/);
      started(worker(server.url));
      expect((await finished).status).toBe("chosen");
      const bytes = (folder: string): Buffer => readFileSync(`${folder}/allocation.u8`);
      expect(bytes(run).equals(bytes(at("alone")))).toBe(true);
    });

    it("fails the run with the reason where three of a task say so, as one that is always started again", async () => {
      const run = at(`${name}-all`);
      await create(run);
      let isFailed = false;
      const finished = finishRun(run, dispatcher).catch((error: unknown) => {
        isFailed = true;
        throw error;
      });
      const starting = (async () => {
        while (!isFailed) await Promise.race([other().ended, finished.catch(() => undefined)]);
      })();
      await expect(finished).rejects.toThrow(/step predict failed for piece .*this is 0\.0\.0-other/);
      await starting;
      expect(workers.length).toBeGreaterThanOrEqual(3);
    });

    it("stays where nobody sees the run or an input", async () => {
      const gone = at(`${name}-gone`);
      await create(gone);
      const queues = await connectQueue(server.url);
      onTestFinished(() => queues.close());
      const given = new AbortController();
      const left = finishRun(gone, dispatcher, { signal: given.signal });
      const jobs = queues.queue();
      await expect
        .poll(async () => (await jobs.getWaiting()).some(({ data }) => data.folder === gone))
        .toBe(true);
      await jobs.close();
      given.abort(new Error("killed"));
      await expect(left).rejects.toThrow("killed");
      rmSync(gone, { recursive: true });
      const one = started(worker(server.url));
      await one.until(() => one.out.includes("holds no run"));

      const run = at(`${name}-input`);
      await create(run);
      const text = readFileSync(INPUTS[1]);
      rmSync(INPUTS[1]);
      try {
        await expect(finishRun(run, dispatcher)).rejects.toThrow(/piece 1: .*no such file.*worker on/);
        expect(one.child.exitCode).toBeNull();
      } finally {
        writeFileSync(INPUTS[1], text);
      }
    });
  });
});
