import { describe, expect, it } from "vitest";
import { Pool } from "../../../src/pool/pool.js";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { inBlocks } from "./blocks.js";
import { budget, capped, manyModels, same } from "./parts.js";
import { randomCase } from "./small.js";

describe("a stream under constraints", () => {
  it("of one part gives what the problem in memory gives, whatever its blocks are", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { problem, constraints, target } = randomCase(seed);
      const sizes = [[1], [3, 1, 2], [100]][seed % 3];
      const answer = async (input: Parameters<typeof chooseUnder>[0]): Promise<unknown> => {
        try {
          return await chooseUnder(input, constraints, target, { steps: 200 });
        } catch (error) {
          return String(error);
        }
      };
      expect(await answer(inBlocks(problem, sizes)), `seed ${seed}`).toEqual(await answer(problem));
    }
  });

  const workload = manyModels(4);

  it("of several parts gives the same bytes, on threads too", async () => {
    const pool = new Pool({ threads: 2 });
    try {
      const { choice } = await same(workload, capped, { budget }, [9_999], { pool });
      expect(choice).toMatchObject({ status: "chosen" });
    } finally {
      await pool.close();
    }
  });

  it("is refused where its rows are wrong or change between passes", async () => {
    const wrong = { ...workload, columns: { ...workload.columns, tokens: workload.columns!.tokens.slice() } };
    wrong.columns.tokens[30_000 * 64 + 5] = NaN;
    await expect(chooseUnder(inBlocks(wrong, [25_000]), capped, { budget })).rejects.toThrow(
      /tokens of query 30000, model "m5" is NaN/,
    );
    let reads = 0;
    const vanishing = { models: workload.models, blocks: () => (++reads > 2 ? [] : [workload]) };
    await expect(chooseUnder(vanishing, [], { budget })).rejects.toThrow(
      /the source had 70536 rows at first/,
    );
    const empty = { models: ["a"], blocks: () => [] };
    await expect(chooseUnder(empty, [], { budget })).rejects.toThrow(/no rows/);
  });
});
