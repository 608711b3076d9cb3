import { allocateAt } from "../../src/solve/allocate.js";
import { digestOf } from "../report.js";
import { addRow, timed } from "../rows.js";
import type { Scenario } from "./scenario.js";
import { OURS } from "./workload.js";

export const allocate: Scenario = {
  key: "allocate",
  title: "allocation at one λ: from matrices to one model a query",
  async run({ problem, lambda, task, verify }, { count, pool }) {
    const { samples, result } = await timed(() => allocateAt(problem, lambda, { pool }));
    const row = { solver: OURS, queries: task.queries, threads: count, samples };
    addRow(allocate, { ...row, ...verify("allocate", digestOf(result)) });
  },
};
