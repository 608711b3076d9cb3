import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { difference, standardShares, type Standard } from "../../src/backtest/nextLabels/difference.js";
import { stratifiedMean } from "../../src/backtest/nextLabels/estimate.js";
import { draw } from "../../src/backtest/nextLabels/draw.js";
import { heldOutError, predict } from "../../src/backtest/nextLabels/predicted.js";
import { stratifiedVariance } from "../../src/backtest/nextLabels/precision.js";
import { stratify, wholeLabels, type Stratum } from "../../src/backtest/nextLabels/strata.js";
import { rowOf } from "../../src/matrix.js";
import { planAllocation } from "../../src/plan/plan.js";
import { takeModels, takeRows } from "../../src/plan/rows.js";
import type { PredictorChoice } from "../../src/predict/fit.js";
import { Random } from "../../src/random.js";
import { readDataset } from "../../src/rows/dataset.js";
import type { Chosen } from "../../src/solve/choice.js";
import type { Dataset } from "../../src/types.js";

/**
 * Replays the choice of labels on recorded sets: plans with a labelled sample, draws labels many times, and compares
 * what they tell with the recorded difference of all rows of the work.
 */
const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: process.env.OPTLLM_DATA ?? "../shared/data" },
    only: { type: "string" },
    seeds: { type: "string", default: "10" },
    sample: { type: "string", default: "200" },
    labels: { type: "string", default: "200" },
    rows: { type: "string", default: "3000" },
    draws: { type: "string", default: "200" },
    predictor: { type: "string", default: "knn" },
  },
});

const SETS = [
  "logparsing",
  "frugalgpt_overruling",
  "routerbench_3",
  "bbh_2arm",
  "mathvista",
  "gsm8k_openai4",
  "alpacaeval57",
  "mmlupro28",
];
const Z = 1.96;

/** Half width, root mean square error and coverage of a design, over draws. */
interface Figures {
  width: number;
  error: number;
  held: number;
}

/** One stratum of all rows, or those that agree and those that do not: labels are drawn from it at random. */
function unstratified(strata: readonly Stratum[], isSplit: boolean): Stratum[] {
  const rows = (from: readonly Stratum[]): Uint32Array =>
    Uint32Array.from(from.flatMap((one) => [...one.rows])).sort();
  const differing = strata.filter(({ variance }) => variance > 0);
  const agreeing = isSplit ? strata.filter(({ variance }) => variance === 0) : [];
  const drawn = isSplit ? differing : strata;
  return [...agreeing, ...(drawn.length > 0 ? [{ rows: rows(drawn), mean: 0, variance: 1 }] : [])];
}

function replay(strata: readonly Stratum[], recorded: Float64Array, labels: number, draws: number): Figures {
  const truth = recorded.reduce((sum, d) => sum + d, 0) / recorded.length;
  const counts = wholeLabels(strata, labels);
  const first = strata[0].variance === 0 ? 0 : 1;
  const figures = { width: 0, error: 0, held: 0 };
  for (let k = 0; k < draws; k++) {
    const asked = draw(strata, counts, k);
    const { estimate, variance } = stratifiedMean(
      strata.map(({ rows }, h) => ({
        rows: rows.length,
        differences: asked.filter(({ stratum }) => stratum === h + first).map(({ row }) => recorded[row]),
      })),
    );
    const half = Z * Math.sqrt(variance);
    figures.width += half / draws;
    figures.error += (estimate - truth) ** 2 / draws;
    if (Math.abs(estimate - truth) <= half) figures.held += 1 / draws;
  }
  return { ...figures, error: Math.sqrt(figures.error) };
}

async function replaySeed(dataset: Dataset, seed: number, standard: Standard) {
  const order = new Random(seed, 1).permutation(dataset.ids.length);
  const size = Number(options.sample);
  const sample = takeRows(dataset, order.slice(0, size));
  const work = takeRows(dataset, order.slice(size, size + Number(options.rows)));
  const predictor = options.predictor as PredictorChoice;
  const plan = await planAllocation(work, sample, { knee: true }, { predictor, seed });
  const { allocation, totalCost } = plan.choice as Chosen;
  const { models } = plan.problem;
  const shares = standardShares(plan.singles, totalCost, standard);
  const { outcome } = takeModels(work, models);
  const recordedOf = (q: number): number =>
    difference(rowOf(outcome, models.length, q), shares, allocation[q]);
  const rows = Uint32Array.from(work.ids.keys()).filter((q) => !Number.isNaN(recordedOf(q)));
  const recorded = Float64Array.from(rows, recordedOf);
  const held = await heldOutError(plan, sample, shares);
  const strata = stratify(predict(plan, rows, shares, held?.scale ?? 1), Number(options.labels));
  const differing = rows.length - (strata[0].variance === 0 ? strata[0].rows.length : 0);
  if (differing === 0) return undefined;
  const labels = Math.min(Number(options.labels), differing);
  const designs = [strata, unstratified(strata, true), unstratified(strata, false)];
  return {
    differing: differing / rows.length,
    promised: Z * Math.sqrt(stratifiedVariance(strata, wholeLabels(strata, labels))),
    figures: designs.map((design) => replay(design, recorded, labels, Number(options.draws))),
  };
}

const spread = (values: readonly number[]): string => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return `${mean.toFixed(2)} ± ${Math.sqrt(squares / Math.max(1, values.length - 1)).toFixed(2)}`;
};

console.log(
  "| set | against | seeds | differing | half width, points: chosen | random where they differ | random | promised ÷ chosen | width ÷ random | error ÷ random | held: chosen | random |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|---|");
for (const set of SETS.filter((name) => options.only === undefined || name.includes(options.only))) {
  const file = join(options.data, set, "queries.jsonl.gz");
  if (!existsSync(file)) {
    console.log(`skipped: no ${file}; set OPTLLM_DATA to the folder of the outcome sets`);
    continue;
  }
  const dataset = await readDataset(file);
  for (const standard of ["blind", "best"] as const) {
    const results: NonNullable<Awaited<ReturnType<typeof replaySeed>>>[] = [];
    for (let seed = 1; seed <= Number(options.seeds); seed++) {
      const result = await replaySeed(dataset, seed, standard);
      if (result !== undefined) results.push(result);
    }
    if (results.length === 0) {
      console.log(`| ${set} | ${standard} | 0 | 0 % | the plan is the standard | | | | | | | |`);
      continue;
    }
    const of = (pick: (one: (typeof results)[number]) => number): string => spread(results.map(pick));
    console.log(
      `| ${[
        ...[set, standard, results.length, `${of((one) => 100 * one.differing)} %`],
        ...[0, 1, 2].map((d) => of(({ figures }) => 100 * figures[d].width)),
        of(({ promised, figures: [chosen] }) => promised / chosen.width),
        of(({ figures: [chosen, , random] }) => chosen.width / random.width),
        of(({ figures: [chosen, , random] }) => chosen.error / random.error),
        ...[0, 2].map((d) => `${of(({ figures }) => 100 * figures[d].held)} %`),
      ].join(" | ")} |`,
    );
  }
}
