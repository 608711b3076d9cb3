// Solves matrices in one process, file after file; the order is JSON in the first argument.
import { createHash } from "node:crypto";
import { readNpy } from "../../src/rows/npy.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";

/** What is solved: costs, each beside its probabilities. */
export interface AloneOrder {
  paths: string[];
  models: string[];
  budget: number;
}

const { paths, models, budget } = JSON.parse(process.argv[2]) as AloneOrder;
const source = {
  models,
  async *blocks() {
    for (const path of paths) {
      const [cost, probability] = [path, path.replace(/\.cost\.npy$/, ".probability.npy")];
      yield { cost: (await readNpy(cost)).value, successProbability: (await readNpy(probability)).value };
    }
  },
};
const front = await solveFront(source, { resolution: "buckets" });
const choice = await choose(front, { budget });
if (choice.status !== "chosen") throw new Error(`a budget of ${budget} cannot be met`);
process.stdout.write(createHash("sha256").update(choice.allocation).digest("hex"));
