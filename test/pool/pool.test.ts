import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { InputError, CoreError, OverloadedError } from "../../src/errors.js";
import { Pool } from "../../src/pool/pool.js";
import { sharedCore } from "../../src/pool/cores.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { solveFront } from "../../src/solve/front.js";
import { runJob } from "../../src/pool/jobs.js";
import { reply, unwrap } from "../../src/pool/reply.js";
import { processorMs } from "../processor.js";

const problem = simulateProblem({ queries: 600_000, models: 9, seed: 5 });
const pools = [1, 2, 4].map((threads) => new Pool({ threads }));
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

describe("a pool", () => {
  it("gives the same bytes on 1, 2 and 4 threads as inline", async () => {
    for (const resolution of ["buckets", "full"] as const) {
      const inline = await solveFront(problem, { resolution });
      const budget = (inline.totalCost[0] + inline.totalCost[inline.totalCost.length - 1]) / 3;
      const chosen = await choose(inline, { budget });
      for (const pool of pools) {
        const front = await solveFront(problem, { resolution, pool });
        expect(
          Buffer.compare(Buffer.from(front.totalCost.buffer), Buffer.from(inline.totalCost.buffer)),
        ).toBe(0);
        expect(Buffer.compare(Buffer.from(front.lambda.buffer), Buffer.from(inline.lambda.buffer))).toBe(0);
        const again = await choose(front, { budget }, { pool });
        if (again.status !== "chosen" || chosen.status !== "chosen")
          throw new Error("feasible by construction");
        expect(Buffer.compare(again.allocation, chosen.allocation)).toBe(0);
        expect({ ...again, allocation: 0 }).toEqual({ ...chosen, allocation: 0 });
      }
    }
  });

  it("stops within 100 ms of processor time when the signal fires, and works afterwards", async () => {
    const [, pool] = pools;
    const reason = new Error("enough");
    const controller = new AbortController();
    const run = solveFront(problem, {
      resolution: "full",
      pool,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    let firedAt = 0;
    controller.signal.addEventListener("abort", () => (firedAt = processorMs()));
    await expect(run).rejects.toBe(reason);
    expect(processorMs() - firedAt).toBeLessThan(100);
    expect((await solveFront(problem, { pool })).totalCost.length).toBeGreaterThan(1000);
  });

  it("reports a wrong value with its place, as inline", async () => {
    const wrong = { ...problem, cost: problem.cost.slice() };
    wrong.cost[500_000 * 9 + 4] = -1;
    const message = /cost of query 500000, model "model-05" is -1; expected dollars ≥ 0/;
    await expect(solveFront(wrong)).rejects.toThrow(message);
    const run = solveFront(wrong, { pool: pools[1] });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toBeInstanceOf(InputError);
  });

  it("refuses more work than its queue holds", async () => {
    const pool = new Pool({ threads: 1, maxQueue: 1 });
    const runs = Array.from({ length: 6 }, () => solveFront(problem, { pool }));
    const results = await Promise.allSettled(runs);
    await pool.close();
    const refused = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    refused.forEach((error) => expect(error).toBeInstanceOf(OverloadedError));
  });

  it("starts threads anew after one that failed between two tasks", async () => {
    const pool = new Pool({ threads: 1 });
    const folder = mkdtempSync(join(tmpdir(), "optllm-pool-"));
    const module = pathToFileURL(join(folder, "late.mjs"));
    writeFileSync(
      module,
      `import { existsSync } from "node:fs";
      export default (fails) => {
        if (fails) setInterval(() => { if (existsSync(fails)) throw new Error("too late"); }, 1);
        return { ok: true, value: 7 };
      };`,
    );
    const ended = new Promise((resolve) =>
      process.once("worker", (thread: Worker) => thread.once("exit", resolve)),
    );
    const fails = join(folder, "now");
    expect(await pool.runTasks(module, 1, () => fails)).toEqual([7]);
    writeFileSync(fails, "");
    await ended;
    expect(await pool.runTasks(module, 1, () => undefined)).toEqual([7]);
    await pool.close();
    rmSync(folder, { recursive: true });
  });

  it.each([0, 1.5, 257, NaN])("refuses %d threads", (threads) => {
    expect(() => new Pool({ threads })).toThrow(/expected a whole number from 1 to 256/);
  });
});

describe("a job", () => {
  it("runs in process as in a worker", () => {
    const matrices = { models: 1, cost: Float32Array.of(1, 2), successProbability: Float32Array.of(0.5, 1) };
    const sums = runJob<"sumHulls">(sharedCore(), {
      kind: "sumHulls",
      places: -1,
      problem: matrices,
      from: 0,
      to: 2,
    });
    expect(sums).toMatchObject({ startCost: 3, startGain: 1.5, steps: 0 });
  });

  it("answers a known error as data that becomes the same class", () => {
    const answer = reply(() => {
      throw new CoreError("broken", { where: "here" });
    });
    const copy = structuredClone(answer);
    expect(() => unwrap(copy)).toThrow(CoreError);
    expect(copy).toMatchObject({ ok: false, code: "E_CORE", details: { where: "here" } });
  });

  it("does not hide a bug", () => {
    expect(() =>
      reply(() => {
        throw new TypeError("oops");
      }),
    ).toThrow(TypeError);
  });
});
