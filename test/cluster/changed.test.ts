import { copyFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { reopenRun } from "../../src/cluster/status.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { fileDigest } from "../../src/text/digest.js";
import { simulated } from "../simulated.js";
import { madeProblem, recordedOf, testFolder, writeParts } from "./made.js";

const at = testFolder("changed");
const target = { budget: 2 };
const PRICES = '{"m":{"input_cost_per_token":1e-6,"output_cost_per_token":1e-6}}';

beforeAll(async () => {
  const work = simulated({ queries: 400, models: 4, seed: 1 });
  const lines = work.ids.map((id, q) => JSON.stringify({ id, query: work.queries[q], ...recordedOf(q) }));
  writeFileSync(at("work.jsonl"), lines.map((line) => `${line}\n`).join(""));
  for (const seed of [2, 3]) {
    const sample = simulated({ queries: 60, models: 4, seed });
    const predictor = await fitPredictor(sample, [], { predictor: "base-rate" });
    writeFileSync(at(`${seed}.optllm`), savePredictor(predictor));
  }
  writeFileSync(at("prices.json"), PRICES);
});

async function planned(folder: string, predictorFile: string, prices?: string): Promise<void> {
  await createRun(at(folder), { inputs: [at("work.jsonl")], predictorFile, prices, target });
}

it("a predictor that was fitted again under its name is the one of the next run", async () => {
  const file = at("p.optllm");
  for (const seed of [2, 3]) {
    copyFileSync(at(`${seed}.optllm`), file);
    await planned(`again-${seed}`, file);
    const { predictor } = await finishRun(at(`again-${seed}`), inline);
    expect(predictor!.sha256).toBe(await fileDigest(file));
  }
  await planned("new", at("3.optllm"));
  await finishRun(at("new"), inline);
  const bytes = (run: string): Buffer => readFileSync(at(run, "pieces", "00000.probability.npy"));
  expect(bytes("again-3").equals(bytes("new"))).toBe(true);
  expect(bytes("again-3").equals(bytes("again-2"))).toBe(false);
});

it("a predictor or a price file that changes after the run was planned is named", async () => {
  const [predictor, prices] = [at("q.optllm"), at("q.json")];
  const plan = async (folder: string): Promise<void> => {
    copyFileSync(at("2.optllm"), predictor);
    copyFileSync(at("prices.json"), prices);
    await planned(folder, predictor, prices);
  };
  await plan("predictor");
  copyFileSync(at("3.optllm"), predictor);
  await expect(finishRun(at("predictor"), inline)).rejects.toThrow(/q\.optllm has changed since the run/);
  await plan("prices");
  writeFileSync(prices, `${PRICES}\n`);
  await expect(finishRun(at("prices"), inline)).rejects.toThrow(/q\.json has changed since the run/);
});

it("matrices that change before they are read, or between two passes, are named", async () => {
  const problem = madeProblem(2_000, 4, true);
  mkdirSync(at("matrices"));
  const [cost] = writeParts(problem, [], (file) => at("matrices", file));
  const probability = at("matrices", "part-0.probability.npy");
  const [before, after] = [new Date(1e12), new Date(2e12)];
  const options = { inputs: [cost], models: problem.models, target: { budget: 400 }, fewOptions: 0 };
  for (const file of [cost, probability]) {
    utimesSync(file, before, before);
    await createRun(at("early"), options);
    utimesSync(file, after, after);
    await expect(finishRun(at("early"), inline)).rejects.toThrow(`${file} has changed since the run`);
    rmSync(at("early"), { recursive: true });
  }
  await createRun(at("late"), options);
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "boundary") utimesSync(probability, before, before);
  };
  await expect(finishRun(at("late"), inline, { onProgress })).rejects.toThrow(/y\.npy has changed/);
  await expect(reopenRun(at("late"))).rejects.toThrow(/y\.npy has changed/);
});

it("rows that change before their batch files are written are named", async () => {
  const sample = Array.from({ length: 60 }, (_, q) => recordedOf(q));
  const dataset = simulated({ queries: 60, models: 2, seed: 4 });
  const predictor = await fitPredictor({ ...dataset, models: ["gpt-4o-mini", "gpt-4o"] }, [], { predictor: "base-rate" }); // prettier-ignore
  writeFileSync(at("b.optllm"), savePredictor(predictor));
  const work = at("exported.jsonl");
  const rows = (text: string): void =>
    writeFileSync(work, sample.map((row, q) => `${JSON.stringify({ query: `${text} ${q}`, ...row })}\n`).join("")); // prettier-ignore
  rows("old");
  await createRun(at("exported"), { inputs: [work], predictorFile: at("b.optllm"), target, export: "batch" });
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "emit") rows("newer");
  };
  await expect(finishRun(at("exported"), inline, { onProgress })).rejects.toThrow(/exported\.jsonl has changed/); // prettier-ignore
});

it("a run that is done gives its answer again without its inputs", async () => {
  const work = at("gone.jsonl");
  copyFileSync(at("work.jsonl"), work);
  await createRun(at("gone"), { inputs: [work], predictorFile: at("2.optllm"), target });
  const manifest = await finishRun(at("gone"), inline);
  rmSync(work);
  await reopenRun(at("gone"));
  expect(await finishRun(at("gone"), inline)).toEqual(JSON.parse(JSON.stringify(manifest)));
});

it("of two plans into one folder at once, one is refused; a later one learns of the run", async () => {
  const plan = (budget: number) =>
    createRun(at("twice"), { inputs: [at("work.jsonl")], predictorFile: at("2.optllm"), target: { budget } });
  const both = await Promise.allSettled([plan(1), plan(2)]);
  const refused = both.filter((one) => one.status === "rejected");
  expect(refused.map(({ reason }) => String(reason))).toEqual([expect.stringMatching(/holds a run already/)]);
  const [made] = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const { target: kept } = await finishRun(at("twice"), inline);
  expect(kept).toEqual(made.target);
  await expect(plan(3)).rejects.toThrow(/`optllm cluster resume` goes on with it/);
});

it("a run that another version planned is not carried on", async () => {
  await planned("version", at("2.optllm"));
  const file = at("version", "run.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
  await expect(finishRun(at("version"), inline)).rejects.toThrow(
    /by optllm 0\.0\.1, this is .*use one version/,
  );
});
