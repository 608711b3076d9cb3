import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../../../src/online/decision.js";
import { readDecisions } from "../../../src/online/log/reader.js";
import type { LogRecord } from "../../../src/online/log/record.js";
import { logDecisions } from "../../../src/online/log/writer.js";
import { createRouter } from "../../../src/online/router.js";
import { runs } from "../../runs.js";
import { modelsOf, scoresOf } from "../scores.js";
import { decisionOf, freshPath, writeLog } from "./written.js";

let path: string;
beforeEach(() => {
  path = freshPath();
});

const decision = decisionOf;
const settled = (id: string, cost: number) => ({ type: "settlement", id, time: 1, cost }) as const;
const written = (...records: (LogRecord | string)[]): void => writeLog(path, records);

describe("a decision log", () => {
  it("gives back what a router decided, paid and was told", async () => {
    const log = logDecisions(path, { texts: true });
    const router = createRouter({ scorer: scoresOf(), models: modelsOf(3), lambda: 100, explore: 0.2, log });
    const decisions = [...Array(200).keys()].map((q) => router.route({ text: String(q) }) as Decision);
    decisions.forEach((one, q) => {
      if (q % 3 !== 0) router.settle(one, { cost: q / 1e4 });
      if (q % 2 === 0) router.feedback(one, q / 200);
    });
    await log.close();
    const read = await readDecisions(path);
    expect(read).toMatchObject({ files: [path], refused: 0, unmatched: 0, cut: 0 });
    expect(read.requests.map(({ id }) => id)).toEqual(decisions.map(({ id }) => id));
    read.requests.forEach((request, q) => {
      const one = decisions[q];
      expect(request).toMatchObject({
        policy: router.policy,
        lambda: 100,
        reason: one.reason,
        text: String(q),
      });
      expect(request.models[request.chosen]).toBe(one.model);
      expect(request.probability[request.chosen]).toBe(one.probability);
      expect(request.uncorrected[request.chosen]).toBe(one.uncorrectedProbability);
      expect(request.cost[request.chosen]).toBe(one.cost);
      expect(request.propensity[request.chosen]).toBe(one.propensity);
      expect(request.spent).toBe(q % 3 === 0 ? NaN : q / 1e4);
      expect(request.score).toBe(q % 2 === 0 ? q / 200 : NaN);
    });
  });

  it("adds up the attempts of a request, which is settled when all of them are", async () => {
    const attempt = { models: ["b"], model: "b", probability: [0.5], cost: [1], propensity: [1] };
    written(
      decision("1"),
      { ...settled("1", 0.25), unanswered: "failed" },
      decision("2", { ...attempt, reason: "fallback", retryOf: "1" }),
      settled("2", 0.5),
      { type: "feedback", id: "2", time: 2, score: 0.75 },
      decision("3"),
      { ...settled("3", 0), unanswered: "failed" },
      decision("4", { ...attempt, reason: "fallback", retryOf: "3" }),
      settled("9", 1),
      settled("1", 1),
      { type: "refusal", time: 3, policy: "p", cause: "budget" },
    );
    const { requests, unmatched, refused } = await readDecisions(path);
    expect(requests.map(({ id, spent, score }) => [id, spent, score])).toEqual([
      ["1", 0.75, 0.75],
      ["3", NaN, NaN],
    ]);
    expect([unmatched, refused]).toEqual([2, 1]);
  });

  it("has no cost of a request that nobody waited for, or that was only decided", async () => {
    const log = logDecisions(path);
    const router = createRouter({ scorer: scoresOf(), models: modelsOf(3), lambda: 100, log });
    const [cancelled, assumed, paid] = ["1", "2", "3"].map((text) => router.route({ text }) as Decision);
    router.advise({ text: "4" });
    router.cancel(cancelled);
    expect(router.settle(assumed, { cost: 1, ending: "assumed" })).toBe(true);
    router.settle(paid, { cost: 0.5, ending: "abandoned" });
    await log.close();
    const { requests, unmatched } = await readDecisions(path);
    expect(requests.map(({ spent }) => spent)).toEqual([NaN, NaN, 0.5, NaN]);
    expect(unmatched).toBe(0);
    expect(readFileSync(path, "utf8")).not.toContain(`"settlement","id":"${assumed.id}"`);
  });

  it("begins a new file at a size, keeps the newest, and is read as one", async () => {
    const log = logDecisions(path, { maxBytes: 2_000, maxFiles: 3 });
    for (let k = 0; k < 60; k++) {
      log.write(decision(String(k)));
      log.flush();
    }
    await log.close();
    const files = readdirSync(join(path, "..")).sort();
    expect(files).toHaveLength(3);
    const { requests } = await readDecisions(path);
    const ids = requests.map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, k) => 60 - ids.length + k));
    for (const file of files)
      expect(readFileSync(join(path, "..", file), "utf8")).toMatch(/^\{"optllm":"decision log"/);
    // It goes on with the next number.
    const again = logDecisions(path, { maxBytes: 1 });
    again.write(decision("x"));
    await again.close();
    expect(readdirSync(join(path, "..")).length).toBe(4);
    expect((await readDecisions(path)).requests.at(-1)!.id).toBe("x");
  });

  it("is read without a gap while it is written and put aside", async () => {
    const log = logDecisions(path, { maxBytes: 1_000 });
    let next = 0;
    const write = (): void => {
      log.write(decision(String(next)));
      log.write(settled(String(next++), 1));
      log.flush();
    };
    write();
    for (let reading = 0; reading < 20; reading++) {
      const before = next;
      const writing = (async () => {
        for (let k = 0; k < 10; k++) {
          await new Promise((resolve) => setImmediate(resolve));
          write();
        }
      })();
      const { requests, unmatched, cut } = await readDecisions(path);
      expect([unmatched, cut]).toEqual([0, 0]);
      expect(requests.length).toBeGreaterThanOrEqual(before);
      expect(requests.map(({ id, spent }) => [id, spent])).toEqual(requests.map((_, k) => [String(k), 1]));
      await writing;
    }
    await log.close();
  });

  it("cut anywhere, is read up to the cut, and continued after it", async () => {
    written(decision("1", { text: "ä\u2028😀" }), decision("2"));
    const whole = readFileSync(path);
    for (let bytes = whole.indexOf(10) + 1; bytes < whole.length; bytes += 7) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      const { requests } = await readDecisions(path);
      const lines = whole.subarray(0, bytes).toString("latin1").split("\n").length - 1;
      const isWhole = whole[bytes] === 10;
      expect(requests.length).toBe(lines - 1 + (isWhole ? 1 : 0));
      const log = logDecisions(path);
      log.write(decision("3"));
      await log.close();
      const after = await readDecisions(path);
      expect([after.cut, after.requests.at(-1)!.id, after.requests.length]).toEqual([0, "3", lines]);
    }
  });

  it("has no texts unless asked, one writer, and its owner's permissions", async () => {
    const log = logDecisions(path);
    expect(log.texts).toBe(false);
    expect(() => logDecisions(path)).toThrow("in use");
    await log.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect(() => logDecisions(path, { maxFile: 2 } as object)).toThrow(
      "options has maxFile; expected of format, maxBytes",
    );
    expect(() => logDecisions(join(path, "none", "x.jsonl"))).toThrow(/none/);
  });

  it("that cannot be written any more counts what is lost, and does not stop the service", async () => {
    const errors: Error[] = [];
    const log = logDecisions(path, { maxBytes: 1, onError: (error) => errors.push(error) });
    log.write(decision("1"));
    log.flush();
    // The next file cannot be begun: a folder has its name.
    mkdirSync(`${path}.new`);
    for (const id of ["2", "3"]) {
      log.write(decision(id));
      log.flush();
    }
    await log.close();
    expect(log.lost).toBe(2);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("decisions.jsonl")]);
  });
});

describe("reading a decision log refuses, naming the line,", () => {
  it.each([
    ["another file", () => writeFileSync(path, '{"id":1}\n'), /:1: not a decision log/],
    [
      "a later version",
      () => writeFileSync(path, '{"optllm":"decision log","version":2}\n'),
      /:1: version 2/,
    ],
    ["a damaged line", () => written(decision("1"), "{", decision("2")), /:3: not valid JSON/],
    [
      "a decision that is there twice",
      () => written(decision("1"), decision("1")),
      /:3: decision 1 is there twice/,
    ],
    ["a kind that it does not know", () => written({ type: "other" } as never), /:2: type is other/],
    [
      "a missing field",
      () => written({ ...decision("1"), time: undefined } as never),
      /:2: time is undefined/,
    ],
    ["a model twice", () => written(decision("1", { models: ["a", "a"] })), /:2: models/],
    [
      "a chosen model without a chance",
      () => written(decision("1", { propensity: [0, 1] })),
      /:2: propensity/,
    ],
    [
      "chances that do not make one",
      () => written(decision("1", { propensity: [0.5, null] })),
      /:2: propensity/,
    ],
    ["a list that is too short", () => written(decision("1", { cost: [1] })), /:2: cost/],
    ["a score beyond 1", () => written({ type: "feedback", id: "1", time: 1, score: 2 }), /:2: score is 2/],
    [
      "a prototype's field",
      () => written('{"type":"settlement","__proto__":{"id":"1"},"time":1,"cost":0}'),
      /:2: id/,
    ],
  ])("%s", async (_, write, message) => {
    write();
    await expect(readDecisions(path)).rejects.toThrow(message);
  });

  it("and never throws anything else, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(), async (bytes, at) => {
        written(decision("1"), { type: "feedback", id: "1", time: 2, score: 1 });
        const whole = readFileSync(path);
        const from = at % whole.length;
        writeFileSync(path, Buffer.concat([whole.subarray(0, from), bytes, whole.subarray(from)]));
        await readDecisions(path).catch((error: Error) => expect(error.name).toBe("InputError"));
      }),
      { numRuns: runs(200) },
    );
  });
});
