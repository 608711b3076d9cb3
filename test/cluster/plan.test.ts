import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { explorerOf, pointsDrawn } from "../../src/report/frontData.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import type { Chosen } from "../../src/solve/choice.js";
import type { Target } from "../../src/solve/target.js";
import { allocationRows } from "../../src/write/allocation.js";
import { isLong } from "../runs.js";
import { madeProblem, testFolder, writeParts } from "./made.js";

const at = testFolder("plan");

/** With so many models, a shard has at least 8,224 rows. */
const [ROWS, MODELS] = [isLong ? 20_000 : 8_500, 255];

const CASES: [boolean, Target[]][] = [
  [true, [{ budget: 0.3 * ROWS }, ...(isLong ? [{ matchBest: true } as const] : [])]],
  [false, [...(isLong ? [{ accuracy: 0.8 }] : []), { knee: true }]],
];

describe.each(CASES)("matrices, costs that are decimals: %s", (isDecimal, targets) => {
  const name = isDecimal ? "decimal" : "float";
  mkdirSync(at(name));
  const problem = madeProblem(ROWS, MODELS, isDecimal);
  const inputs = writeParts(problem, [1_111, 8_300], (file) => at(name, file));

  it.each(targets)("gives the bytes of one machine, whatever the shards: %o", async (target) => {
    const front = await solveFront(problem, { resolution: "buckets" });
    const choice = (await choose(front, target)) as Chosen;
    expect(choice.status).toBe("chosen");
    const { shares } = await explorerOf(front, pointsDrawn(front, choice.totalCost), choice.totalCost, {});
    for (const shardRows of [1, 2 * ROWS]) {
      const folder = at(`${name}-${Object.keys(target)[0]}-${shardRows}`);
      await createRun(folder, { inputs, models: problem.models, target, shardRows });
      const { certificate, parts } = await finishRun(folder, inline);
      const { allocation } = choice;
      expect({ ...certificate, status: "chosen", allocation: [] }).toEqual({ ...choice, allocation: [] });
      expect(Buffer.compare(readFileSync(`${folder}/allocation.u8`), allocation)).toBe(0);
      const text = parts.map(({ file }) => readFileSync(`${folder}/${file}`, "utf8")).join("");
      expect(text === [...allocationRows({ ...problem, allocation }, "jsonl")].join("")).toBe(true);
      expect(readdirSync(`${folder}/allocation`)).toHaveLength(3);
      expect(readFileSync(`${folder}/report.html`, "utf8").includes(JSON.stringify(shares!.ofModel))).toBe(
        true,
      );
    }
  });
});
