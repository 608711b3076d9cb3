import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../cli/run.js";
import { recordedOf, scoresOf, testFolder } from "./made.js";

const at = testFolder("options");
const ROWS = 240;
/** Rows of the first of the two files. */
const FIRST = 100;

interface Row {
  [column: string]: unknown;
}

beforeAll(async () => {
  const rows = Array.from({ length: ROWS }, (_, q): Row => ({
    query: `Question ${q}: ${["add", "prove", "translate"][q % 3]} ${"this ".repeat(q % 7)}`,
    ...recordedOf(q),
    // Only rows of the second file have one.
    wait: q < FIRST || q % 4 > 0 ? "" : "2",
  }));
  const ids = rows.map((row, q) => ({ id: `q${q}`, ...row }));
  writeRows("sample.jsonl", ids.slice(0, 120).map((row, q) => ({ ...row, ...scoresOf(q) }))); // prettier-ignore
  writeParts("named", ids);
  writeParts("numbered", rows);
  // Two rows of each file cannot be read, with their place in it.
  const broken = rows.map((row, q) =>
    [3, 40, 150, 151].includes(q) ? { ...row, "gpt-4o__cost": "?" } : row,
  );
  writeParts("broken", broken);
  const fit = await run("fit", at("sample.jsonl"), "--predictor", "base-rate", "-o", at("p.optllm"), "-q");
  expect([fit.code, fit.err]).toEqual([0, ""]);
});

function writeRows(name: string, rows: readonly Row[]): void {
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** Rows as a folder of two files, and as one file. */
function writeParts(name: string, rows: readonly Row[]): void {
  mkdirSync(at(name));
  writeRows(`${name}/0.jsonl`, rows.slice(0, FIRST));
  writeRows(`${name}/1.jsonl`, rows.slice(FIRST));
  writeRows(`${name}.jsonl`, rows);
}

const saved = (): string[] => ["--predictor-file", at("p.optllm"), "-q", "--threads", "1"];
const alone = (work: string, output: string, ...options: string[]) =>
  run("solve", at(`${work}.jsonl`), ...options, "-o", at(output));
const planned = (work: string, output: string, ...options: string[]) =>
  run("cluster", "plan", at(work), ...options, "-o", at(output));

const emitted = (folder: string): string =>
  readdirSync(at(folder, "allocation"))
    .map((part) => readFileSync(at(folder, "allocation", part), "utf8"))
    .join("");

/** The same options give the same allocation in parts as on one machine. */
async function isSame(title: string, work: string, ...options: string[]): Promise<void> {
  const one = await alone(work, `${title}.jsonl`, ...saved(), ...options);
  expect([one.code, one.err]).toEqual([0, ""]);
  const parts = await planned(work, title, ...saved(), ...options);
  expect([parts.code, parts.err]).toEqual([0, ""]);
  expect(emitted(title)).toBe(readFileSync(at(`${title}.jsonl`), "utf8"));
}

describe("what a plan in parts does as one machine", () => {
  const CASES: [string, string, string[]][] = [
    ["a price of recorded costs", "named", ["--price", "gpt-4o=1/2", "--budget", "0.08"]],
    ["a price and a factor", "numbered", ["--price", "gpt-4o=1/2", "--scale-cost", "gpt-4o=2", "--budget", "0.1"]], // prettier-ignore
    ["a model also in batches", "named", ["--batch", "gpt-4o", "--batch", "gpt-4o-mini=0.4", "--knee"]],
    ["deadlines that one file lacks", "named", ["--batch", "gpt-4o", "--deadline-column", "wait", "--budget", "0.6"]], // prettier-ignore
    ["all requests in batches", "numbered", ["--batch", "--budget", "0.6"]],
    ["rows that cannot be read", "broken", ["--skip-bad-rows", "--budget", "0.9"]],
    ["rows that meet conditions, some of which cannot be read", "broken", ["--skip-bad-rows", "--where", "wait=2", "--budget", "0.1"]], // prettier-ignore
  ];
  it.each(CASES)("%s", (title, work, options) => isSame(title, work, ...options));

  it("a policy", async () => {
    await isSame("policy", "named", "--budget", "0.6");
    const options = [...saved(), "--budget", "0.6", "--policy-out"];
    const one = await alone("named", "a.jsonl", ...options, at("alone.json"));
    const parts = await planned("named", "with-policy", ...options, at("planned.json"));
    expect([one.err, parts.err]).toEqual(["", ""]);
    expect(readFileSync(at("planned.json"), "utf8")).toBe(readFileSync(at("alone.json"), "utf8"));
  });

  it("a fit to labelled rows, which gives what `optllm fit` saves", async () => {
    const fitting = ["--predictor", "logistic", "--seed", "3"];
    const rest = ["-q", "--threads", "1", "--budget", "0.6"];
    const fit = await run("fit", at("sample.jsonl"), ...fitting, "-q", "-o", at("l.optllm"));
    expect([fit.code, fit.err]).toEqual([0, ""]);
    await alone("named", "labels.jsonl", "--predictor-file", at("l.optllm"), ...rest);
    const { code, err } = await planned(
      "named",
      "labels",
      "--labels",
      at("sample.jsonl"),
      ...fitting,
      ...rest,
    );
    expect([code, err]).toEqual([0, ""]);
    expect(emitted("labels")).toBe(readFileSync(at("labels.jsonl"), "utf8"));
    expect(readFileSync(at("labels", "predictor.optllm")).equals(readFileSync(at("l.optllm")))).toBe(true);
  });

  it("batch files with names and limits, where rows have no ids", async () => {
    const options = ["--export", "openai-batch", "--as", "gpt-4o=gpt-4o-2024", "--max-requests", "20", "--budget", "0.5"]; // prettier-ignore
    const { code, err } = await planned("numbered", "batches", ...saved(), ...options);
    expect([code, err]).toEqual([0, ""]);
    const text = (folder: string): string =>
      (readdirSync(at("batches", "batches", folder), { recursive: true, encoding: "utf8" }) as string[])
        .filter((file) => file.endsWith(".jsonl"))
        .map((file) => readFileSync(at("batches", "batches", folder, file), "utf8"))
        .join("");
    expect(text("00000")).toContain('"model":"gpt-4o-2024"');
    expect(readdirSync(at("batches", "batches", "00001")).length).toBeGreaterThan(5);
    const one = await run("solve", at("numbered.jsonl"), ...saved(), ...options, "-o", at("one-batch"));
    expect([one.code, one.err]).toEqual([0, ""]);
  });
});

describe("a plan in parts refuses", () => {
  const refused = async (pattern: RegExp, ...options: string[]): Promise<void> => {
    const { code, err } = await planned("named", "refused", "-q", "--threads", "1", ...options);
    expect(code).not.toBe(0);
    expect(err).toMatch(pattern);
  };

  it("options that do not go together, before anything is fitted", async () => {
    const file = ["--predictor-file", at("p.optllm"), "--budget", "1"];
    await refused(/give one of --labels and --predictor-file/, ...file, "--labels", at("sample.jsonl"));
    await refused(/--deadline-column needs --batch/, ...file, "--deadline-column", "wait");
    await refused(/--live-prices needs --export/, ...file, "--live-prices");
    await refused(/options of batch files need --export/, ...file, "--max-requests", "5");
    await refused(/--policy-out does not go with --price/, ...file, "--policy-out", at("x.json"), "--price", "gpt-4o=1/2"); // prettier-ignore
    await refused(/nor with --export without --live-prices/, ...file, "--policy-out", at("x.json"), "--export", "batch"); // prettier-ignore
    await refused(/--feature-columns needs --labels/, ...file, "--feature-columns", "task");
    await refused(/does not serve gpt-4o-mini,gpt-4o/, ...file, "--export", "anthropic-batch");
  });

  it("a column of deadlines without any, and too many rows that cannot be read", async () => {
    const file = ["--predictor-file", at("p.optllm"), "--budget", "1"];
    const { err } = await planned(
      "named",
      "late",
      "-q",
      ...file,
      "--batch",
      "gpt-4o",
      "--deadline-column",
      "none",
    );
    expect(err).toMatch(/no row has a value in column "?none"?; expected hours/);
    const rows = Array.from({ length: 30 }, (_, q) => ({
      query: "a",
      "gpt-4o__cost": q % 10 === 0 ? "?" : 0.1,
    }));
    writeParts("bad", [...rows, ...rows, ...rows, ...rows]);
    const bad = await planned("bad", "bad-run", "-q", ...file, "--skip-bad-rows");
    expect(bad.err).toMatch(/the inputs: 12 of 120 rows cannot be read, more than 5 %/);
  });

  it("files of which one records a cost that is to be priced anew, and another only tokens", async () => {
    mkdirSync(at("mixed"));
    const tokens = {
      query: "a",
      "gpt-4o__input_tokens": 10,
      "gpt-4o__output_tokens": 10,
      "gpt-4o-mini__cost": 0.1,
    };
    writeRows("mixed/0.jsonl", [{ ...tokens, "gpt-4o__cost": 0.1 }]);
    writeRows("mixed/1.jsonl", [tokens]);
    const file = ["--predictor-file", at("p.optllm"), "--knee", "-q"];
    const plain = await planned("mixed", "mixed-run", ...file);
    expect(plain.err).toMatch(
      /1\.jsonl has costs from tokens alone of \["gpt-4o"\].*all inputs are one table/s,
    );
    const priced = await planned("mixed", "priced-run", ...file, "--price", "gpt-4o=1/2");
    expect(priced.err).toMatch(/all inputs are one table/);
  });
});
