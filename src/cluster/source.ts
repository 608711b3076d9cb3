import { rm } from "node:fs/promises";
import type { Matrices } from "../core/solve/block.js";
import { InputError } from "../errors.js";
import type { Asked, PassKind, PassPart, SpreadSource } from "../solve/pass.js";
import { ShareCounts } from "./shareCounts.js";
import type { Block, Costs } from "../types.js";
import type { Dispatcher, DispatchOptions } from "./dispatch.js";
import { readResult, writeResult } from "./files.js";
import { digestOf } from "./pieces/matrices.js";
import type { ShardResult } from "./steps/passOfShard.js";
import { readRows, type Shard, type Table } from "./table.js";
import { askedText, outputOf, pricesPath, type Task } from "./tasks.js";

/** The rows of a run as an input of the solver: each of its passes is a step of the run. */
export function sourceOf(
  folder: string,
  table: Table,
  shards: readonly Shard[],
  dispatcher: Dispatcher,
  options: DispatchOptions,
): SpreadSource {
  const { signal } = options;
  /** Tasks of the last pass that allocated: they hold what each row takes. */
  let allocated: Task[] = [];

  /** A result, made once more if its file is damaged. */
  async function resultOf<Result>(task: Task): Promise<Result> {
    const path = outputOf(task);
    try {
      return await readResult(path);
    } catch (error) {
      if (!(error instanceof InputError) || error.details.isDamaged !== true) throw error;
      await rm(path, { force: true });
      await dispatcher.run([task], { signal });
      return readResult(path);
    }
  }

  return {
    models: table.models,
    async *blocks(): AsyncGenerator<Block> {
      for (const shard of shards) yield await readRows(table, shard);
    },
    async *pass<Kind extends PassKind>(asked: Asked<Kind>): AsyncGenerator<PassPart<Kind>> {
      const text = askedText(asked);
      const tasks = shards.map(({ from, to }, shard): Task => ({
        step: "pass",
        folder,
        shard,
        asked: text,
        rows: to - from,
        from,
        to,
      }));
      if (asked.kind !== "sumHulls") allocated = tasks;
      await dispatcher.run(tasks, options);
      for (const [k, task] of tasks.entries()) {
        const { from, to } = shards[k];
        const { results } = await resultOf<ShardResult<Kind>>(task);
        yield { part: { first: from, queries: to - from, weight: to }, results };
      }
    },
    async counts(lambda) {
      const prices = `count-${digestOf(new Uint8Array(lambda.slice().buffer)).slice(0, 12)}`;
      await writeResult(pricesPath({ folder, prices }), lambda);
      const tasks = shards.map(({ from, to }, shard): Task => {
        const rows = to - from;
        return { step: "count", folder, shard, prices, rows, from, to };
      });
      await dispatcher.run(tasks, options);
      const counts = new ShareCounts(lambda, table.models.length);
      for (const task of tasks) counts.join(await resultOf<Float64Array>(task));
      return counts.totals();
    },
    async *taken(allocation: Uint8Array): AsyncGenerator<Matrices> {
      for (const [k, task] of allocated.entries()) {
        signal?.throwIfAborted();
        const { from, to } = shards[k];
        const result = await resultOf<ShardResult<"allocate" | "bracket">>(task);
        yield await takenIn(table, shards[k], result, allocation.subarray(from, to));
      }
    },
  };
}

/** What the rows of a shard take: as the pass left it, but where the allocation has changed since. */
async function takenIn(
  table: Table,
  { from }: Shard,
  { results, taken, open }: ShardResult<"allocate" | "bracket">,
  allocation: Uint8Array,
): Promise<Matrices> {
  const { cost, successProbability } = taken!;
  const width = table.models.length;
  let row = 0;
  let next = 0;
  for (const result of results) {
    const before = result instanceof Uint8Array ? result : result.allocation;
    for (let i = 0; i < before.length; i++, row++) {
      if (allocation[row] === before[i]) continue;
      while (open !== undefined && open.rows[next] < row) next++;
      const isOpen = open?.rows[next] === row;
      // The pass has checked the values of its shard.
      const values: { cost: Costs; successProbability: Float32Array } = isOpen
        ? open
        : await readRows(table, { from: from + row, to: from + row + 1 }, false);
      const option = (isOpen ? next * width : 0) + allocation[row];
      cost[row] = values.cost[option];
      successProbability[row] = values.successProbability[option];
    }
  }
  return { models: 1, cost, successProbability };
}
