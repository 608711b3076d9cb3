import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { isRedisHere, RedisServer } from "../online/ledger/redis/server.js";
import { simulated } from "../simulated.js";
import { testFolder } from "./made.js";
import { isPostgresHere, PostgresServer } from "./servers.js";
import { CommandLine, worker } from "./workers.js";

const at = testFolder("failures");

const SERVERS = [
  { name: "Redis", isHere: isRedisHere, start: () => RedisServer.start() },
  { name: "PostgreSQL", isHere: isPostgresHere, start: () => PostgresServer.start() },
];
const STEPS = ["predict", "hull", "boundary", "emit", "count"];
const PIECES = 6;
const TARGET = ["--budget", "150"];

/** Work with texts, in pieces, and a predictor for it; solved without any queue for comparison. */
async function makeWork(): Promise<void> {
  const sample = simulated({ queries: 300, models: 48, seed: 1 });
  const work = simulated({ queries: 48_000, models: 48, seed: 2 });
  writeFileSync(at("p.optllm"), savePredictor(await fitPredictor(sample, [], { predictor: "base-rate" })));
  mkdirSync(at("parts"));
  const size = work.ids.length / PIECES;
  for (let k = 0; k < PIECES; k++) {
    const lines = work.ids
      .slice(k * size, (k + 1) * size)
      .map((id, q) => JSON.stringify({ id, query: work.queries[k * size + q] }));
    writeFileSync(at("parts", `p${k}.jsonl`), `${lines.join("\n")}\n`);
  }
  const options = {
    inputs: [at("parts")],
    predictorFile: at("p.optllm"),
    target: { budget: 150 },
    shardRows: 1,
  };
  await createRun(at("alone"), options);
  expect((await finishRun(at("alone"), inline)).status).toBe("chosen");
}

const isHere = SERVERS.some((server) => server.isHere);
describe.skipIf(!isHere)("runs that lose something", () => {
  beforeAll(makeWork);

  for (const { name, isHere, start } of SERVERS)
    describe.skipIf(!isHere)(isHere ? `on ${name}` : `on ${name} (skipped: not installed)`, () => {
      let server: RedisServer | PostgresServer;
      let running: CommandLine[] = [];
      let run = "";
      let count = 0;
      let began = 0;

      beforeAll(async () => void (server = await start()));
      afterAll(() => server?.stop());
      beforeEach(() => {
        run = at(`${name}-${count++}`);
        began = performance.now();
      });
      afterEach(async () => {
        for (const one of running) {
          one.child.kill("SIGCONT");
          await one.stop();
        }
        running = [];
      });

      const started = (one: CommandLine): CommandLine => {
        running.push(one);
        return one;
      };
      const workers = (number: number, lock = 2): CommandLine[] =>
        Array.from({ length: number }, () => started(worker(server.url, lock)));
      const plan = (...more: string[]): CommandLine =>
        started(
          new CommandLine(
            ...["cluster", "plan", at("parts"), "--predictor-file", at("p.optllm"), ...TARGET],
            ...["--shard-rows", "1", "-o", run, "--queue", server.url, ...more],
          ),
        );
      const resume = (): CommandLine =>
        started(new CommandLine("cluster", "resume", run, "--queue", server.url));

      /** The run ended well, with the bytes of one machine. */
      async function endsWell(coordinator: CommandLine): Promise<void> {
        const code = await coordinator.ended;
        expect([code, code === 0 ? "" : coordinator.err]).toEqual([0, ""]);
        for (const file of ["allocation.u8", "front.csv"])
          expect(readFileSync(join(run, file)).equals(readFileSync(at("alone", file)))).toBe(true);
        expect(readdirSync(join(run, "allocation"))).toHaveLength(PIECES);
        const parts = (folder: string): string =>
          readdirSync(join(folder, "allocation"))
            .map((part) => readFileSync(join(folder, "allocation", part), "utf8"))
            .join("");
        expect(parts(run)).toBe(parts(at("alone")));
        const tasks = running.flatMap(({ out }) => tasksIn(out, "started"));
        const again = tasks.length - new Set(tasks.map(({ step, part }) => `${step} ${part}`)).size;
        const lost = running.reduce((sum, { err }) => sum + err.split("lost its worker").length - 1, 0);
        console.log(
          `| ${name} | ${expect.getState().currentTestName?.split(" > ").at(-1)} | ${again}, ${lost} lost | ${((performance.now() - began) / 1000).toFixed(1)} s | yes |`,
        );
      }

      it("none: for comparison", async () => {
        workers(2);
        await endsWell(plan());
      });

      it.each(STEPS)("kill -9 of a worker that is in the step %s", async (step) => {
        const [first] = workers(1);
        const coordinator = plan();
        await first.until(() => tasksIn(first.out, "started").some((task) => task.step === step));
        await first.stop("SIGKILL");
        workers(1);
        await endsWell(coordinator);
      });

      it("SIGSTOP for longer than the lock: the task runs twice", async () => {
        const [first] = workers(1);
        const coordinator = plan();
        const task = await stoppedInTask(first);
        const [second] = workers(1);
        await coordinator.until(() => existsSync(join(run, "table.json")));
        first.child.kill("SIGCONT");
        await first.until(() => isIn(done(first.out), task));
        await endsWell(coordinator);
        expect(isIn(done(second.out), task)).toBe(true);
      });

      it("the server is killed and comes back with its data", async () => {
        const [first] = workers(2);
        const coordinator = plan();
        await first.until(() => done(first.out).length > 0);
        await server.kill();
        await sleep(1_000);
        await (server instanceof RedisServer ? server.start() : server.restart());
        await endsWell(coordinator);
      });

      it.skipIf(name !== "Redis")("the server is killed and comes back empty", async () => {
        const kept = server;
        const forgetful = await RedisServer.start("--appendonly", "no");
        server = forgetful;
        try {
          const [first] = workers(2);
          const coordinator = plan();
          await first.until(() => done(first.out).length > 0);
          await forgetful.kill();
          await forgetful.start();
          await endsWell(coordinator);
        } finally {
          server = kept;
          for (const one of running) await one.stop();
          await forgetful.stop();
        }
      });

      it("the coordinator is killed, and the run resumed", async () => {
        const [first] = workers(1);
        const coordinator = plan();
        await first.until(() => done(first.out).some(({ step }) => step === "predict"));
        await coordinator.stop("SIGKILL");
        await endsWell(resume());
      });

      it("a cancelled run ends, and goes on when it is resumed", async () => {
        const [first] = workers(1);
        const coordinator = plan();
        await first.until(() => done(first.out).length > 0);
        // Or the run could be over before.
        first.child.kill("SIGSTOP");
        expect(await started(new CommandLine("cluster", "cancel", run)).ended).toBe(0);
        first.child.kill("SIGCONT");
        expect(await coordinator.ended).toBe(2);
        expect(coordinator.err).toMatch(/was cancelled/);
        await endsWell(resume());
      });

      it("a piece that always fails is named, the others are done, and a resumed run does only what is missing", async () => {
        const whole = readFileSync(at("parts", "p3.jsonl"));
        const folder = at(`broken-${name}`);
        await cp(at("parts"), folder, { recursive: true });
        writeFileSync(join(folder, "p3.jsonl"), '{"id": "x", "query": 5}\n');
        // A lock that is lost has a task done twice.
        workers(2, 60);
        const coordinator = started(
          new CommandLine(
            ...["cluster", "plan", folder, "--predictor-file", at("p.optllm"), ...TARGET],
            ...["--shard-rows", "1", "-o", run, "--queue", server.url],
          ),
        );
        expect(await coordinator.ended).toBe(2);
        expect(coordinator.err).toMatch(/step predict failed for piece 3: .*p3\.jsonl.* \(worker on /s);
        expect(readdirSync(join(run, "pieces")).filter(isInfo)).toHaveLength(PIECES - 1);
        writeFileSync(join(folder, "p3.jsonl"), whole);
        const predicted = (): number =>
          running.flatMap(({ out }) => done(out)).filter(({ step }) => step === "predict").length;
        // A worker says so after its output is there.
        await expect.poll(predicted).toBe(PIECES - 1);
        await endsWell(resume());
        await expect.poll(predicted).toBe(PIECES);
      });

      it("a full disk is named, and the run goes on when there is room", async (context) => {
        const disk = at(`disk-${name}`);
        mkdirSync(disk);
        const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status === 0;
        if (!isMounted) return context.skip("no small file system can be mounted here");
        try {
          run = join(disk, "run");
          workers(2);
          const coordinator = plan();
          expect(await coordinator.ended).not.toBe(0);
          expect(coordinator.err).toMatch(/the disk is full \(ENOSPC\)/);
          spawnSync("mount", ["-o", "remount,size=200m", disk]);
          await endsWell(resume());
        } finally {
          for (const one of running) await one.stop();
          spawnSync("umount", [disk]);
        }
      });

      it("a flipped byte in a result is found, and that result made again", async () => {
        workers(1);
        const first = plan();
        await endsWell(first);
        const [hull] = readdirSync(join(run, "passes")).filter((pass) => pass.startsWith("hull"));
        const damaged = join(run, "passes", hull, "00001.bin");
        const bytes = readFileSync(damaged);
        bytes[bytes.length >> 1] ^= 1;
        writeFileSync(damaged, bytes);
        for (const later of ["manifest.json", "allocation.u8", "emitted"])
          rmSync(join(run, later), { recursive: true });
        await endsWell(resume());
        expect(readFileSync(damaged).equals(bytes)).toBe(false);
      });
    });
});

interface Task {
  step: string;
  part: number;
  outcome: string;
}

/** The tasks that a worker's lines say were started, or done. */
function tasksIn(out: string, outcome: string): Task[] {
  return out
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith('{"time"'))
    .map((line) => JSON.parse(line) as Task)
    .filter((task) => task.outcome === outcome);
}

function done(out: string): Task[] {
  return tasksIn(out, "done");
}

function isIn(tasks: readonly Task[], { step, part }: Task): boolean {
  return tasks.some((one) => one.step === step && one.part === part);
}

/** Stops a worker (SIGSTOP) that has a task in hand, which this returns. */
async function stoppedInTask(worker: CommandLine): Promise<Task> {
  for (;;) {
    const ended = done(worker.out).length;
    await worker.until(() => tasksIn(worker.out, "started").length > ended);
    worker.child.kill("SIGSTOP");
    // All that it has printed is read.
    await sleep(100);
    await new Promise((resolve) => setImmediate(resolve));
    const task = tasksIn(worker.out, "started").find((one) => !isIn(done(worker.out), one));
    if (task !== undefined) return task;
    worker.child.kill("SIGCONT");
  }
}

function isInfo(file: string): boolean {
  return /^\d+\.json$/.test(file);
}
