import type { Chosen } from "../../src/solve/choice.js";
import { judgeOurs } from "../judge.js";
import { digestOf } from "../report.js";
import { addRow } from "../rows.js";
import type { Scenario, Threads } from "./scenario.js";
import { OURS, sameAs, type Workload } from "./workload.js";

/** Adds the row of a choice: it must be the expected one, and cost and reach what it says. */
export function addChoice(
  scenario: Scenario,
  { task, expected, verify }: Workload,
  { count }: Threads,
  samples: number[],
  choice: Chosen,
): void {
  const { status, note } = judgeOurs(task, choice);
  const digest = digestOf(choice.allocation);
  const same = digest === expected ? verify(scenario.key, digest) : sameAs(digest, expected);
  addRow(scenario, {
    ...{ solver: OURS, queries: task.queries, threads: count, samples },
    ...same,
    ...(status === "agrees" ? {} : { status: "disagrees", note }),
    gap: choice.gap,
  });
}
