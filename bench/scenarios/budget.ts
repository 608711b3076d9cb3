import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { timed } from "../rows.js";
import { addChoice } from "./addChoice.js";
import type { Scenario } from "./scenario.js";
import { chosen } from "./workload.js";

export const budget: Scenario = {
  key: "budget",
  title: "one budget: from matrices to the best allocation found within it",
  async run(work, threads) {
    const { problem, task } = work;
    const { pool } = threads;
    const { samples, result } = await timed(async () =>
      choose(await solveFront(problem, { pool, resolution: "buckets" }), { budget: task.budget }, { pool }),
    );
    addChoice(budget, work, threads, samples, chosen(result));
  },
};
