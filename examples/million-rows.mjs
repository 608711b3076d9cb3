// 1,000,000 queries × 12 models that never lie in memory together: rows come in blocks, here made by a formula.
import { choose, solveFront } from "optllm";

const BLOCKS = 20;
const ROWS = 50_000;
const MODELS = 12;

const PRICE = Array.from({ length: MODELS }, (_, m) => 0.0001 * 1.5 ** m);
const WEAKNESS = Array.from({ length: MODELS }, (_, m) => 1 / (1 + m));

/** Every reading must give the same rows in the same blocks; a real source would read a file or a database. */
const source = {
  models: PRICE.map((_, m) => `model-${m + 1}`),
  *blocks() {
    for (let block = 0; block < BLOCKS; block++) yield makeBlock(block * ROWS);
  },
};

function makeBlock(first) {
  const cost = new Float32Array(ROWS * MODELS);
  const successProbability = new Float32Array(ROWS * MODELS);
  for (let q = 0; q < ROWS; q++) {
    const difficulty = (((first + q) * 7919) % 10_007) / 10_007; // 0 … 1
    for (let m = 0; m < MODELS; m++) {
      cost[q * MODELS + m] = PRICE[m] * (1 + difficulty);
      successProbability[q * MODELS + m] = 1 - difficulty * WEAKNESS[m];
    }
  }
  return { cost, successProbability };
}

const front = await solveFront(source);
const choice = await choose(front, { budget: 500 });
console.log(`${choice.allocation.length.toLocaleString("en")} queries`);
console.log(`$${choice.totalCost.toFixed(2)}, accuracy ${(100 * choice.expectedAccuracy).toFixed(2)} %`);
console.log(`at most ${(100 * choice.gap).toExponential(0)} points below the optimum`);

// Prints:
//   1,000,000 queries
//   $500.00, accuracy 87.65 %
//   at most 3e-6 points below the optimum
