// What one request takes with a loaded predictor: `node dist/bench/online.js`; see README.md.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { readDataset } from "../src/rows/dataset.js";
import { createRouter } from "../src/online/router.js";
import { loadScorer, type Scorer } from "../src/online/scorer.js";
import { fitPredictor } from "../src/plan/predictProblem.js";
import type { Predictor } from "../src/predict/predictor.js";
import { savePredictor } from "../src/predict/saved.js";
import { Random } from "../src/random.js";
import { simulate } from "../src/simulate/simulate.js";
import type { Dataset } from "../src/types.js";

const { values: given } = parseArgs({
  options: {
    words: { type: "string", default: "40" },
    scores: { type: "string", default: "1000000" },
    data: { type: "string", default: process.env.OPTLLM_DATA ?? "../shared/data" },
    /** More rows make trees and neighbours larger; 0: all of them. */
    labelled: { type: "string" },
    replicates: { type: "string", default: "0" },
  },
});
const words = Number(given.words);

/** The outcome sets, and the rows that the paper labels. */
const SETS: [name: string, labelled: number][] = [
  ["logparsing", 640],
  ["frugalgpt_overruling", 216],
  ["routerbench_3", 316],
];
/** Different texts that are scored in turn. */
const TEXTS = 2_000;
const WARM = 3_000;

for (const [name, usual] of SETS) {
  const file = `${given.data}/${name}/queries.jsonl.gz`;
  if (!existsSync(file)) console.log(`${name}: skipped, there is no ${file}`);
  else await measure(name, await readDataset(file), Number(given.labelled ?? usual));
}
await measure("simulated, 12 models", simulatedRows(), Number(given.labelled ?? 640));

/** Fits `auto` to some of the rows and prints what single requests take. */
async function measure(name: string, all: Dataset, labelled: number): Promise<void> {
  const order = new Random(1).permutation(all.ids.length);
  const chosen = labelled > 0 ? order.subarray(0, labelled) : order;
  const replicates = Number(given.replicates);
  const predictor = await fitPredictor(rowsOf(all, chosen), [], { replicates });
  const bytes = savePredictor(predictor);
  const texts = textsOf(all.queries);
  console.log(`\n${name}: ${predictor.models.length} models, ${chosen.length} labelled rows`);
  console.log(`  ${predictor.settings.join("; ")}`);
  row("predict([text]) today", await perPredict(predictor, texts), "ms");

  const rss = process.memoryUsage.rss();
  const loads: number[] = [];
  let scorer: Scorer | undefined;
  for (let k = 0; k < 5; k++) {
    scorer = undefined;
    const start = process.cpuUsage();
    scorer = await loadScorer(bytes);
    const { user, system } = process.cpuUsage(start);
    loads.push((user + system) / 1e3);
  }
  row(`load ${(bytes.length / 2 ** 20).toFixed(0)} MiB, CPU time`, loads, "ms");
  const out = new Float64Array(predictor.models.length);
  const score = (k: number): unknown => scorer!.score(texts[k % TEXTS], out);
  const costs = (k: number): unknown => scorer!.costs(texts[k % TEXTS], undefined, out);
  row("text → probabilities", perCall(score), "µs");
  row("text → costs", perCall(costs), "µs");
  row("text → model, settled", perCall(routing(scorer!, texts)), "µs");
  steady(score, rss);
}

/** Routes and settles requests at a given λ: scores, costs, tokens, alarms and all. */
function routing(scorer: Scorer, texts: readonly string[]): (k: number) => void {
  const price = { input: 1, output: 4 };
  const models = Object.fromEntries(scorer.models.map((name) => [name, { price }]));
  const router = createRouter({ scorer, models, lambda: 100 });
  return (k) => {
    const decision = router.route({ text: texts[k % TEXTS], maxTokens: 500 });
    if (decision.status === "routed") router.settle(decision, { inputTokens: 60, outputTokens: 100 });
  };
}

/** Milliseconds of predictions of one text with a predictor, as a program would make them today. */
async function perPredict(predictor: Predictor, texts: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (let k = 0; k < 7; k++) {
    const start = process.cpuUsage();
    await predictor.predict([texts[k]]);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1e3);
  }
  return times;
}

/** Microseconds of single calls, after some that warm up. */
function perCall(run: (k: number) => unknown): number[] {
  for (let k = 0; k < WARM; k++) run(k);
  const times: number[] = [];
  for (let k = 0; k < 10 * TEXTS; k++) {
    const start = process.hrtime.bigint();
    run(k);
    times.push(Number(process.hrtime.bigint() - start) / 1e3);
  }
  return times;
}

/** Prints CPU time per score and growth of memory over many of them. */
function steady(score: (k: number) => unknown, rssBefore: number): void {
  const scores = Number(given.scores);
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  for (let k = 0; k < scores; k++) score(k);
  const { user, system } = process.cpuUsage(start);
  const after = process.memoryUsage();
  console.log(`  ${scores} scores: ${((user + system) / scores).toFixed(1)} µs of CPU time each`);
  console.log(
    `  memory: ${mib(before.rss - rssBefore)} MiB more than before five loads; over the scores ` +
      `${mib(after.rss - before.rss)} MiB resident, ${mib(after.arrayBuffers - before.arrayBuffers)} MiB of buffers`,
  );
}

function row(name: string, times: readonly number[], unit: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  console.log(`  ${name.padEnd(30)} p50 ${at(0.5)} ${unit}, p99 ${at(0.99)} ${unit}`);
}

/** Texts of so many words, cut from the set's own texts one after another. */
function textsOf(queries: readonly string[]): string[] {
  const found: string[] = [];
  for (let q = 0; found.length < TEXTS * words; q++) {
    found.push(...queries[q % queries.length].split(/\s+/));
  }
  return Array.from({ length: TEXTS }, (_, k) =>
    // Flat, as a text that was read from a socket.
    Buffer.from(found.slice(k * words, (k + 1) * words).join(" ")).toString("utf8"),
  );
}

function rowsOf({ models, queries, outcome, cost }: Dataset, chosen: Uint32Array): Dataset {
  const take = (matrix: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: chosen.length * models.length }, (_, i) => {
      return matrix[chosen[Math.floor(i / models.length)] * models.length + (i % models.length)];
    });
  return {
    ids: Array.from(chosen, String),
    models,
    queries: Array.from(chosen, (q) => queries[q]),
    outcome: take(outcome),
    cost: take(cost),
  };
}

function simulatedRows(): Dataset {
  const queries: string[] = [];
  const outcome: number[] = [];
  const cost: number[] = [];
  const { models, rows } = simulate({ queries: 4_000, models: 12, seed: 1, words });
  for (const one of rows()) {
    queries.push(one.query);
    outcome.push(...one.score);
    cost.push(...one.cost);
  }
  return {
    ids: queries.map((_, q) => String(q)),
    models,
    queries,
    outcome: Float32Array.from(outcome),
    cost: Float32Array.from(cost),
  };
}
