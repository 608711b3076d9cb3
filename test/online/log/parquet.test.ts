import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { beforeEach, describe, expect, it } from "vitest";
import { REASONS } from "../../../src/online/decision.js";
import { convertPart } from "../../../src/online/log/convert.js";
import { readDecisions } from "../../../src/online/log/reader.js";
import type { LogRecord } from "../../../src/online/log/record.js";
import { recordsOf } from "../../../src/online/log/records.js";
import { logDecisions } from "../../../src/online/log/writer.js";
import { parquetBytes } from "../../../src/write/parquet.js";
import { runs } from "../../runs.js";
import { decisionOf, freshPath, writeLog } from "./written.js";

let path: string;
let folder: string;
beforeEach(() => {
  path = freshPath();
  folder = dirname(path);
});

const recordsIn = async (file: string): Promise<LogRecord[]> => {
  const found: LogRecord[] = [];
  for await (const records of recordsOf(file, {})) found.push(...records.map(({ record }) => record));
  return found;
};

const amount = fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0);
const id = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });
const time = fc.double({ min: 0, max: 4e12, noNaN: true }).map((x) => x + 0);
const decision = fc
  .uniqueArray(fc.oneof(id, fc.constantFrom("__proto__", "a__cost", "cost", "constructor", "")), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((models) => {
    const listOf = <T>(value: fc.Arbitrary<T>) =>
      fc.array(value, { minLength: models.length, maxLength: models.length });
    return fc.record(
      {
        type: fc.constant("decision" as const),
        id,
        time,
        policy: id,
        predictor: id,
        lambda: fc.oneof(amount, fc.constant("Infinity" as const)),
        models: fc.constant(models),
        probability: listOf(share),
        uncorrected: listOf(share),
        cost: listOf(fc.option(amount)),
        propensity: fc.constant(models.map((_, m) => (m === 0 ? 1 : m === 1 ? null : 0))),
        model: fc.constant(models[0]),
        reason: fc.constantFrom(...REASONS),
        retryOf: id,
        key: fc.string(),
        features: fc.dictionary(
          id.filter((name) => name !== "__proto__"),
          fc.oneof(fc.string(), amount),
        ),
        text: fc.string({ unit: "grapheme" }),
      },
      {
        requiredKeys: [
          "type", "id", "time", "policy", "predictor", "lambda", "models", "probability", "cost", "propensity",
          "model", "reason",
        ],
      },
    ); // prettier-ignore
  });
const other = fc.oneof(
  fc.record(
    {
      type: fc.constant("settlement" as const),
      id,
      time,
      cost: amount,
      inputTokens: amount,
      outputTokens: amount,
      unanswered: fc.constantFrom("failed" as const, "cancelled" as const),
    },
    { requiredKeys: ["type", "id", "time", "cost"] },
  ),
  fc.record({ type: fc.constant("feedback" as const), id, time, score: share }),
  fc.record({
    type: fc.constant("refusal" as const),
    time,
    policy: id,
    cause: fc.constantFrom("budget" as const, "models" as const),
  }),
);

/** A decision with its settlement, 500 bytes or so. */
const pair = (k: number): LogRecord[] => [
  decisionOf(String(k), { time: k }),
  { type: "settlement", id: String(k), time: k, cost: k / 1e3 },
];

describe("a decision log as Parquet", () => {
  it("holds every record to the bit", async () => {
    const list = fc.array(fc.oneof(decision, other), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(list, async (records) => {
        const part = join(mkdtempSync(join(folder, "p")), "log.1");
        writeLog(part, records as LogRecord[]);
        const before = await recordsIn(part);
        await convertPart(part);
        expect(existsSync(part)).toBe(false);
        expect(await recordsIn(`${part}.parquet`)).toEqual(before);
      }),
      { numRuns: runs(100) },
    );
  });

  it("is made of each part when it is put aside, and is read as one with the lines that are not", async () => {
    const log = logDecisions(path, { format: "parquet", maxBytes: 3_000 });
    for (let k = 0; k < 60; k++) {
      pair(k).forEach((record) => log.write(record));
      log.flush();
    }
    await log.close();
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(3);
    expect(files).toEqual([
      "decisions.jsonl",
      ...files.slice(1).map((_, k) => `decisions.jsonl.${k + 1}.parquet`),
    ]);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const { requests, unmatched } = await readDecisions(path);
    expect(unmatched).toBe(0);
    expect(requests.map(({ id, spent }) => [id, spent])).toEqual(
      Array.from({ length: 60 }, (_, k) => [String(k), k / 1e3]),
    );
    // Another reader finds the columns that the guide names.
    const bytes = readFileSync(join(folder, "decisions.jsonl.1.parquet"));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows[0]).toMatchObject({
      type: "decision",
      id: "0",
      lambda: 3,
      model: "a",
      models: '["a","b"]',
      a__probability: 0.5,
      b__probability: 0.75,
      a__cost: 0.001,
    });
    expect(rows[0].b__cost ?? null).toBeNull();
    expect(rows[1]).toMatchObject({ type: "settlement", id: "0", cost: 0 });
  });

  it("keeps the newest files", async () => {
    const log = logDecisions(path, { format: "parquet", maxBytes: 2_000, maxFiles: 3 });
    for (let k = 0; k < 60; k++) {
      pair(k).forEach((record) => log.write(record));
      log.flush();
    }
    await log.close();
    expect(readdirSync(folder)).toHaveLength(3);
    const ids = (await readDecisions(path)).requests.map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, k) => 60 - ids.length + k));
  });

  it("loses nothing when its process is killed at any moment", async () => {
    const module = fileURLToPath(new URL("../../../dist/src/online/log/writer.js", import.meta.url));
    // Each line that it prints is a record that was handed to the operating system.
    const program = `
      import { logDecisions } from ${JSON.stringify(module)};
      import { writeSync } from "node:fs";
      const log = logDecisions(process.argv[1], { format: "parquet", maxBytes: 3000 });
      let k = Number(process.argv[2]);
      const stop = performance.now() + Number(process.argv[3]);
      const step = () => {
        for (const record of JSON.parse(process.argv[4]).map((one) => ({ ...one, id: String(k) }))) log.write(record);
        log.flush();
        writeSync(1, k++ + "\\n");
        if (performance.now() > stop) process.kill(process.pid, "SIGKILL");
        setTimeout(step, 1);
      };
      step();`;
    let next = 0;
    for (const ms of [0, 40, 130, 250, 400]) {
      const args = [
        "--input-type=module",
        "-e",
        program,
        path,
        String(next),
        String(ms),
        JSON.stringify(pair(0)),
      ];
      let printed = "";
      try {
        execFileSync(process.execPath, args, { encoding: "utf8" });
      } catch (error) {
        printed = (error as { stdout: string }).stdout;
      }
      next = Number(printed.trim().split("\n").at(-1)) + 1;
      const { requests, unmatched } = await readDecisions(path);
      expect(requests.map(({ id }) => id)).toEqual(Array.from({ length: next }, (_, k) => String(k)));
      expect(unmatched).toBe(0);
    }
    await logDecisions(path, { format: "parquet" }).close();
    expect(readdirSync(folder).filter((file) => !/\.parquet$/.test(file))).toEqual(["decisions.jsonl"]);
    expect((await readDecisions(path)).requests).toHaveLength(next);
  });

  it("is read once where a crash left a part in both forms, and is mended at the next start", async () => {
    const part = `${path}.1`;
    writeLog(path, pair(1));
    writeLog(part, pair(0));
    copyFileSync(part, `${part}.copy`);
    await convertPart(part);
    copyFileSync(`${part}.copy`, part);
    writeFileSync(`${part}.parquet.tmp`, "PAR1 half");
    const ids = async () => (await readDecisions(path)).requests.map(({ id }) => id);
    expect(await ids()).toEqual(["0", "1"]);
    await logDecisions(path, { format: "parquet" }).close();
    expect([existsSync(part), existsSync(`${part}.parquet.tmp`)]).toEqual([false, false]);
    expect(await ids()).toEqual(["0", "1"]);
  });

  it("leaves a part that cannot be written as it is, says so once, and goes on", async () => {
    const part = `${path}.1`;
    writeLog(part, pair(0));
    mkdirSync(`${part}.parquet.tmp`);
    const errors: string[] = [];
    const log = logDecisions(path, {
      format: "parquet",
      maxBytes: 1,
      onError: ({ message }) => errors.push(message),
    });
    for (const k of [1, 2]) {
      pair(k).forEach((record) => log.write(record));
      log.flush();
    }
    await log.close();
    expect(errors).toEqual([expect.stringContaining("decisions.jsonl.1.parquet.tmp")]);
    expect(log.lost).toBe(0);
    expect((await readDecisions(path)).requests.map(({ id }) => id)).toEqual(["0", "1", "2"]);
  });

  it("refuses another Parquet file, another version, a wrong value, and a format that it does not know", async () => {
    const file = join(folder, "x.parquet");
    const column = { name: "id", type: "STRING" } as const;
    const write = async (notes: Record<string, string>): Promise<void> => {
      const parts: Uint8Array[] = [];
      for await (const bytes of parquetBytes([column], [[["1"]]], notes)) parts.push(bytes);
      writeFileSync(file, Buffer.concat(parts));
    };
    await write({});
    await expect(readDecisions(file)).rejects.toThrow(`${basename(file)}:1: not a decision log`);
    await write({ "optllm decision log": "2" });
    await expect(readDecisions(file)).rejects.toThrow("version 2 of the decision log; expected 1");
    await write({ "optllm decision log": "1" });
    await expect(readDecisions(file)).rejects.toThrow(`${basename(file)}:1: type is undefined`);
    expect(() => logDecisions(path, { format: "csv" as never })).toThrow(
      "format is csv; expected jsonl or parquet",
    );
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("throws only InputErrors, whatever the bytes", async () => {
    const part = join(folder, "log.1");
    writeLog(part, [...pair(0), ...pair(1)]);
    await convertPart(part);
    const whole = readFileSync(`${part}.parquet`);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(), async (bytes, at) => {
        const file = Buffer.from(whole);
        file.set(bytes, Math.min(at % whole.length, whole.length - bytes.length));
        writeFileSync(`${part}.parquet`, file);
        await readDecisions(`${part}.parquet`).catch((error: Error) => expect(error.name).toBe("InputError"));
      }),
      { numRuns: runs(300) },
    );
  });
});
