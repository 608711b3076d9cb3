// One request at a time: load a saved predictor once, then score each request in microseconds.
import { fileURLToPath } from "node:url";
import { fitPredictor, readDataset, savePredictor } from "optllm";
import { loadScorer } from "optllm/online";

// Once, perhaps elsewhere: fit a predictor to labelled rows. `optllm fit` writes the same bytes to a file.
const sample = await readDataset(fileURLToPath(new URL("data/labelled.csv", import.meta.url)));
const bytes = savePredictor(await fitPredictor(sample, [], { predictor: "logistic" }));

// When the service starts: bytes, or the path of the file.
const scorer = await loadScorer(bytes);
const probability = new Float64Array(scorer.models.length);
const dollars = new Float64Array(scorer.models.length);

/** The model with the highest probability − λ · cost. λ: how much probability a dollar must buy. */
function route(text, lambda) {
  scorer.score(text, probability);
  scorer.costs(text, undefined, dollars);
  const gain = probability.map((p, m) => p - lambda * dollars[m]);
  return gain.indexOf(Math.max(...gain));
}

for (const text of [
  "Shorten: a refund is wanted.",
  "Plan the cheapest route for 7 parcels. Explain each step.",
]) {
  const m = route(text, 100);
  console.log(
    `${text.slice(0, 8)} … ${scorer.models[m]}, ${(100 * probability[m]).toFixed(0)} % likely to do it well`,
  );
}

// Prints:
//   Shorten: … large, 96 % likely to do it well
//   Plan the … large, 94 % likely to do it well
