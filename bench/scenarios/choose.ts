import { choose as chooseFrom } from "../../src/solve/choose.js";
import { timed } from "../rows.js";
import { addChoice } from "./addChoice.js";
import type { Scenario } from "./scenario.js";
import { chosen } from "./workload.js";

export const choose: Scenario = {
  key: "choose",
  title: "choice: from a front to the allocation within a budget a third of the way, with its bound",
  async run(work, threads) {
    const { front, task } = work;
    const { pool } = threads;
    const { samples, result } = await timed(() => chooseFrom(front, { budget: task.budget }, { pool }));
    addChoice(choose, work, threads, samples, chosen(result));
  },
};
