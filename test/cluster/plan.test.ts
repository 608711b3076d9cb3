import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import type { Chosen } from "../../src/solve/choice.js";
import type { Target } from "../../src/solve/target.js";
import { allocationRows } from "../../src/write/allocation.js";
import { isLong } from "../runs.js";
import { madeProblem, testFolder, writeParts } from "./made.js";

const at = testFolder("plan");

/** A shard of 64 models has at least 32,768 rows. */
const ROWS = isLong ? 70_000 : 40_000;

const CASES: [boolean, Target[]][] = [
  [true, [{ budget: 12_000 }, { matchBest: true }]],
  [false, [{ accuracy: 0.8 }, { knee: true }]],
];

describe.each(CASES)("matrices, costs that are decimals: %s", (isDecimal, targets) => {
  const name = isDecimal ? "decimal" : "float";
  mkdirSync(at(name));
  const problem = madeProblem(ROWS, 64, isDecimal);
  const inputs = writeParts(problem, [11_111, 36_000], (file) => at(name, file));

  it.each(targets)("gives the bytes of one machine, whatever the shards: %o", async (target) => {
    const front = await solveFront(problem, { resolution: "buckets" });
    const choice = (await choose(front, target)) as Chosen;
    expect(choice.status).toBe("chosen");
    for (const shardRows of [1, 50_000]) {
      const folder = at(`${name}-${Object.keys(target)[0]}-${shardRows}`);
      await createRun(folder, { inputs, models: problem.models, target, shardRows });
      const { certificate, parts } = await finishRun(folder, inline);
      const { allocation } = choice;
      expect({ ...certificate, status: "chosen", allocation: [] }).toEqual({ ...choice, allocation: [] });
      expect(Buffer.compare(readFileSync(`${folder}/allocation.u8`), allocation)).toBe(0);
      const text = parts.map(({ file }) => readFileSync(`${folder}/${file}`, "utf8")).join("");
      expect(text === [...allocationRows({ ...problem, allocation }, "jsonl")].join("")).toBe(true);
      expect(readdirSync(`${folder}/allocation`)).toHaveLength(3);
    }
  });
});
