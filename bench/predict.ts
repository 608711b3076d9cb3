// What a million predictions take, and where the time goes; see README.md.
import { parseArgs } from "node:util";
import { predictSpace } from "../src/core/predict/space.js";
import { simulate } from "../src/simulate/simulate.js";
import { Pool } from "../src/pool/pool.js";
import { Featuriser } from "../src/predict/features/featuriser.js";
import { methodOf } from "../src/predict/methods/methods.js";
import { MeanPredictor } from "../src/predict/predictor.js";
import { queryScorer } from "../src/predict/score.js";
import { fitSample, type PredictorChoice } from "../src/predict/fit.js";

const { values: given } = parseArgs({
  options: {
    queries: { type: "string", default: "100000" },
    models: { type: "string", default: "12" },
    words: { type: "string", default: "40" },
    labelled: { type: "string", default: "640" },
    threads: { type: "string", default: "2" },
    replicates: { type: "string", default: "0" },
    predictor: { type: "string", default: "auto" },
    seed: { type: "string", default: "1" },
  },
});
const { queries, models, words, labelled, threads, replicates, seed } = Object.fromEntries(
  Object.entries(given).map(([option, value]) => [option, Number(value)]),
);

/** Texts of the share that is measured part by part. */
const PART = 4_096;

// Labelled rows first, then those to be predicted. Each text is made flat, as one that was read from a file.
const workload = simulate({ queries: labelled + queries, models, seed, words });
const texts: string[] = [];
const outcome = new Float32Array(labelled * models);
for (const { query, score } of workload.rows()) {
  if (texts.length < labelled) outcome.set(score, texts.length * models);
  texts.push(Buffer.from(query, "latin1").toString("latin1"));
}
const sample = { queries: texts.splice(0, labelled), models: workload.models, outcome };
const rssBefore = process.memoryUsage.rss();

const pool = new Pool({ threads });
const fitted = await timed(() =>
  fitSample(sample, {
    kind: given.predictor as PredictorChoice,
    unlabelled: texts,
    seed,
    replicates,
    alpha: 0.5,
    pool,
  }),
);
const predicted = await timed(() => fitted.value.predict(texts, { pool }));
await pool.close();
const { maxRSS } = process.resourceUsage();

const { state, settings } = fitted.value as MeanPredictor;
const part = texts.slice(0, PART);
const featuriser = new Featuriser(state.featuriser!);
const features = featuriser.features(part);
const out = new Float32Array(part.length * models);
const score = queryScorer(state);
const parts: Record<string, () => unknown> = {
  "sparse features": () => featuriser.sparse(part),
  "dense features": () => featuriser.dense(part),
  "both features": () => featuriser.features(part),
};
state.members.forEach(({ kind, learned }, k) => {
  const scorer = methodOf(kind).scorer(learned, predictSpace());
  parts[settings[k]] = () => scorer(features, out);
});
parts["all"] = () => score({ texts: part }, 0, part.length, out);

const digest = predicted.value.reduce((sum, p, i) => sum + p * (1 + (i % 7)), 0);
console.log(
  JSON.stringify(
    {
      queries,
      models,
      words,
      labelled,
      threads,
      replicates,
      predictor: fitted.value.settings,
      fitSeconds: fitted.seconds,
      fitCpuSeconds: fitted.cpuSeconds,
      predictSeconds: predicted.seconds,
      predictCpuSeconds: predicted.cpuSeconds,
      textsPerSecond: Math.round(queries / predicted.seconds),
      cpuMicrosecondsPerText: (predicted.cpuSeconds / queries) * 1e6,
      partMicrosecondsPerText: Object.fromEntries(
        Object.entries(parts).map(([name, run]) => [name, perText(run)]),
      ),
      textsMiB: Math.round(rssBefore / 2 ** 20),
      peakMiB: Math.round(maxRSS / 1024),
      digest,
    },
    null,
    2,
  ),
);

async function timed<T>(run: () => Promise<T>) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const value = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { value, seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** CPU time: the least of some runs, so that what others do to the machine counts less. */
function perText(run: () => unknown): number {
  let least = Infinity;
  for (let k = 0; k < 5; k++) {
    const cpu = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(cpu);
    least = Math.min(least, (user + system) / PART);
  }
  return Number(least.toFixed(2));
}
