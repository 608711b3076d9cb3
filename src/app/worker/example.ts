import { simulate } from "../../simulate/simulate.js";
import { simulatedParts } from "../../simulate/simulatedParts.js";
import { datasetRows } from "../../write/dataset.js";
import type { Given } from "../messages.js";
import type { Running } from "./reading.js";

/** A workload for which routing pays. */
const SIZE = { queries: 4000, models: 5, seed: 4 };
const LABELLED = 3000;

/** Rows of a simulated workload, a part of them labelled. Makes what `optllm simulate` makes. */
export function example({ send }: Running): void {
  const workload = simulate(SIZE);
  const { models } = workload;
  const { work, sample } = simulatedParts(workload, { count: LABELLED }, SIZE.seed);
  const given = (path: string, rows: typeof work, scores: boolean): Given => ({
    path,
    file: new Blob([...datasetRows({ models, rows }, "jsonl", { scores })]),
  });
  send({
    kind: "rows",
    labelled: given("sample.jsonl", sample!, true),
    work: given("work.jsonl", work, false),
    command: `optllm simulate --queries ${SIZE.queries} --models ${SIZE.models} --seed ${SIZE.seed} --labels sample.jsonl --labelled ${LABELLED} -o work.jsonl`,
  });
}
