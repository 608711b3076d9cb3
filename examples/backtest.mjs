// Does routing pay? Judge by your own records: learn from a part of them, plan the rest, compare with what happened.
import { fileURLToPath } from "node:url";
import { backtest, readDataset } from "optllm";

const path = process.argv[2] ?? fileURLToPath(new URL("data/labelled.csv", import.meta.url));
const records = await readDataset(path);

const result = await backtest(records, {
  train: { share: 0.2 }, // learn from 20 % of the rows
  validation: { share: 0.2 }, // and choose settings on another 20 %
  repeats: 2, // on two random splits
  targets: [{ accuracy: 0.8 }],
  predictor: "knn", // quick; without it methods are compared, which is more accurate
});

const { model, accuracy, cost } = result.mean.bestSingle;
const [plan] = result.plans;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(`best single model, ${model}: ${percent(accuracy)} for $${cost.toFixed(3)}`);
console.log(`plan: ${percent(plan.realised.accuracy.mean)} for $${plan.realised.cost.mean.toFixed(3)}`);
console.log(`decision: ${result.verdict.decision}`);

// Prints:
//   best single model, large: 94.7 % for $0.287
//   plan: 76.9 % for $0.035
//   decision: route
