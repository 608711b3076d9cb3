import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { run } from "../cli/run.js";
import { simulated } from "../simulated.js";
import { testFolder } from "./made.js";

const at = testFolder("texts");
const ROWS = 3_000;
/** With so many models, the rows are more than the process that plans solves alone. */
const MODELS = 96;

beforeAll(async () => {
  const sample = simulated({ queries: 60, models: MODELS, seed: 1 });
  writeFileSync(at("p.optllm"), savePredictor(await fitPredictor(sample, [], { predictor: "base-rate" })));
  const { ids, queries } = simulated({ queries: ROWS, models: MODELS, seed: 2 });
  const json = ids.map((id, q) => JSON.stringify({ id, query: queries[q] }));
  const csv = queries.map((text) => `"${text.replaceAll('"', '""')}"`);
  writeFileSync(at("joined.jsonl"), `${json.join("\n")}\n`);
  writeFileSync(at("joined.csv"), `query\n${csv.join("\n")}\n`);
  for (const folder of ["parts", "tables"]) mkdirSync(at(folder));
  [0, 500, 1_700].forEach((from, k, all) => {
    const to = all[k + 1] ?? ROWS;
    writeFileSync(at("parts", `${k}.jsonl`), `${json.slice(from, to).join("\n")}\n`);
    writeFileSync(at("tables", `${k}.csv`), `query\n${csv.slice(from, to).join("\n")}\n`);
  });
});

const emitted = (folder: string): string =>
  readdirSync(at(folder, "allocation"))
    .map((part) => readFileSync(at(folder, "allocation", part), "utf8"))
    .join("");

async function succeeds(...argv: string[]): Promise<string> {
  const { code, out, err } = await run(...argv);
  expect([argv, code, code === 0 ? "" : err]).toEqual([argv, 0, ""]);
  return out;
}

describe("texts in parts", () => {
  const CASES: [string, string[]][] = [
    ["within a budget", ["--budget", "20"]],
    [
      "at the knee, with changes",
      ["--knee", "--without", "model-03,model-40", "--scale-cost", "model-20=0.5"],
    ],
  ];
  it.each(CASES)("are planned as one file is: %s", async (title, options) => {
    const [alone, folder] = [at(`${title}.jsonl`), title.replaceAll(/\W+/g, "-")];
    const source = ["--predictor-file", at("p.optllm"), ...options, "-q", "--threads", "1"];
    const solved = JSON.parse(await succeeds("solve", at("joined.jsonl"), ...source, "-o", alone, "--json"));
    const out = await succeeds("cluster", "plan", at("parts"), ...source, "-o", at(folder), "--json");
    const { certificate, parts, queries } = JSON.parse(out);
    expect(emitted(folder)).toBe(readFileSync(alone, "utf8"));
    for (const key of Object.keys(certificate)) expect([key, certificate[key]]).toEqual([key, solved[key]]);
    expect([queries, parts.length]).toEqual([ROWS, 3]);
    const report = readFileSync(at(folder, "report.html"), "utf8");
    expect(report).toContain("Allocation of 3,000 queries");
    expect(report).toContain(`optllm cluster plan ${at("parts")} --predictor-file`);
  });

  it("without names are numbered through all files", async () => {
    const source = ["--predictor-file", at("p.optllm"), "--budget", "20", "-q", "--threads", "1"];
    await succeeds("solve", at("joined.csv"), ...source, "-o", at("numbered.jsonl"));
    await succeeds("cluster", "plan", at("tables"), ...source, "-o", at("numbered"));
    expect(emitted("numbered")).toBe(readFileSync(at("numbered.jsonl"), "utf8"));
  });
});

describe("a run", () => {
  const sources = (): string[] => ["--predictor-file", at("p.optllm"), "-q", "--threads", "1"];

  it("whose target cannot be met says the closest, with exit code 3", async () => {
    const { code, out } = await run(
      "cluster",
      "plan",
      at("parts"),
      ...sources(),
      "--budget",
      "0",
      "-o",
      at("poor"),
    );
    expect(code).toBe(3);
    expect(out).toMatch(/No allocation meets the target/);
    expect(existsSync(at("poor", "allocation"))).toBe(false);
  });

  it("refuses files whose recorded costs differ, for one machine would predict others", async () => {
    mkdirSync(at("unlike"));
    const row = (one: string, other: string): string =>
      `{"query":"a","model-01__cost":${one},"model-02__cost":${other}}\n`;
    writeFileSync(at("unlike", "0.jsonl"), row("0.1", "null"));
    writeFileSync(at("unlike", "1.jsonl"), row("null", "0.1"));
    const { code, err } = await run(
      "cluster",
      "plan",
      at("unlike"),
      ...sources(),
      "--knee",
      "-o",
      at("unlike-run"),
    );
    expect(code).toBe(2);
    expect(err).toMatch(/1\.jsonl has recorded costs of \["model-02"\].*all inputs are one table/s);
  });

  it("that is done says so, has metrics, and is not cancelled", async () => {
    const done = at("within-a-budget");
    expect(await succeeds("cluster", "status", done)).toMatch(/is done: 3 inputs[\s\S]*hull +100/);
    const { code, err } = await run("cluster", "cancel", done);
    expect([code, err]).toEqual([2, "error: the run is done; there is nothing to cancel\n"]);
    expect(await succeeds("cluster", "status", done, "--metrics")).toMatch(
      /^optllm_cluster_step_done\{run="within-a-budget",step="hull"\} 3000$/m,
    );
  });

  it("needs a place of its own, a target and a predictor, and a queue that is there", async () => {
    const plan = (...argv: string[]) => run("cluster", "plan", at("parts"), "-q", ...argv);
    expect((await plan("--budget", "1", "-o", at("none"))).err).toMatch(
      /rows need one predictor: give --predictor-file/,
    );
    expect((await plan("-o", at("none"))).err).toMatch(/give one of --budget/);
    const { err } = await plan(
      ...[
        "--predictor-file",
        at("p.optllm"),
        "--budget",
        "1",
        "-o",
        at("far"),
        "--queue",
        "redis://127.0.0.1:1",
      ],
    );
    expect(err).toMatch(/Redis at 127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/);
    expect(existsSync(at("far"))).toBe(false);
    expect((await run("cluster", "worker", "--queue", "http://x")).err).toMatch(
      /begins with http:; expected/,
    );
    const password = await run("cluster", "worker", "--queue", "redis://:100%secret@localhost");
    expect([password.code, password.err]).toEqual([
      2,
      expect.stringMatching(/queue's address is not one such as .*in a password, % is written %25/),
    ]);
    expect((await run("cluster", "status", at("parts"))).err).toMatch(/holds no run/);
  });
});

it("writes batch files for each input, at batch prices, as one machine does", async () => {
  const rows = Array.from({ length: 30 }, (_, q) => ({
    id: `b${q}`,
    query: `Answer question ${q}.`,
    "gpt-4o-mini__cost": 0.001 + q * 1e-5,
    "gpt-4o__cost": 0.02 + q * 1e-4,
  }));
  const labels = rows.map((row, q) => ({
    ...row,
    "gpt-4o-mini__score": q % 2,
    "gpt-4o__score": q % 5 > 0 ? 1 : 0,
  }));
  for (const [name, lines] of Object.entries({ "work.jsonl": rows, "sample.jsonl": labels }))
    writeFileSync(at(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await succeeds("fit", at("sample.jsonl"), "--predictor", "base-rate", "-o", at("b.optllm"), "-q");
  const options = ["--predictor-file", at("b.optllm"), "--budget", "0.1", "--export", "openai-batch", "-q"];
  await succeeds("solve", at("work.jsonl"), ...options, "-o", at("batches"));
  await succeeds("cluster", "plan", at("work.jsonl"), ...options, "-o", at("batched"), "--threads", "1");
  const files = readdirSync(at("batches"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /l$/.test(file),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files)
    expect(readFileSync(join(at("batched", "batches", "00000"), file), "utf8")).toBe(
      readFileSync(at("batches", file), "utf8"),
    );
});
