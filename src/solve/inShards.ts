import { InputError } from "../errors.js";
import type { Block, Costs } from "../types.js";
import { matricesOf, rowsOfMatrices } from "./problem.js";

type Rows = Block & { models: string[] };

/**
 * The rows of blocks, cut anew: every part but the last has a multiple of `size` rows. Rows are copied only where a part
 * joins blocks; neither a block nor a part is used any more once the next one is asked for. `columns`: those of the blocks that the parts
 * have, too; every block has them.
 */
export async function* inShards(
  blocks: AsyncIterable<Rows>,
  size: number,
  columns: readonly string[] = [],
): AsyncGenerator<Block> {
  const open = new OpenShard(size, columns);
  for await (const block of blocks) {
    const width = block.models.length;
    const rows = block.cost.length / width;
    let from = 0;
    if (open.rows > 0) {
      from = Math.min(rows, size - open.rows);
      open.add(part(block, 0, from, columns));
      if (open.rows === size) yield open.take();
    }
    const whole = Math.floor((rows - from) / size) * size;
    if (whole > 0) yield part(block, from, from + whole, columns);
    from += whole;
    if (from < rows) open.add(part(block, from, rows, columns));
  }
  if (open.rows > 0) yield open.take();
}

/** Some rows of a block, without a copy. */
function part(block: Rows, from: number, to: number, names: readonly string[]): Rows {
  const { models, columns } = block;
  const [start, end] = [from * models.length, to * models.length];
  return {
    ...rowsOfMatrices(matricesOf(block), from, to),
    models,
    ...(names.length > 0 && {
      columns: Object.fromEntries(names.map((name) => [name, columns![name].subarray(start, end)])),
    }),
  };
}

/** A shard that is being filled with copies of rows. */
class OpenShard {
  rows = 0;
  private width = 0;
  private readonly parts = new Map<keyof Block, Costs | Uint8Array>();
  private readonly amounts = new Map<string, Costs | Uint8Array>();
  /** Arrays of the last shard, which nobody reads any more once the next one is filled. */
  private readonly used = new Map<string, Costs | Uint8Array>();

  constructor(
    private readonly size: number,
    private readonly columns: readonly string[],
  ) {}

  add(block: Rows): void {
    this.width = block.models.length;
    const rows = block.cost.length / this.width;
    const { cost, successProbability, weight, allowed, minProbability } = block;
    const { parts } = this;
    this.put(parts, "cost", cost, this.width, 0);
    this.put(parts, "successProbability", successProbability, this.width, 0);
    // What a block leaves out counts as its default.
    this.put(parts, "weight", weight, 1, 1);
    this.put(parts, "allowed", allowed, this.width, 1);
    this.put(parts, "minProbability", minProbability, 1, 0);
    for (const name of this.columns) this.put(this.amounts, name, block.columns![name], this.width, 0);
    this.rows += rows;
  }

  take(): Block {
    const taken: Partial<Record<keyof Block, Costs | Uint8Array>> = {};
    for (const [field, values] of this.parts) {
      const width = field === "weight" || field === "minProbability" ? 1 : this.width;
      taken[field] = values.subarray(0, this.rows * width);
    }
    const columns = [...this.amounts].map(([name, values]) => [
      name,
      values.subarray(0, this.rows * this.width),
    ]);
    for (const [name, values] of [...this.parts, ...this.amounts]) this.used.set(name, values);
    this.parts.clear();
    this.amounts.clear();
    this.rows = 0;
    return {
      ...(taken as unknown as Block),
      ...(columns.length > 0 && { columns: Object.fromEntries(columns) }),
    };
  }

  private put<Name extends string>(
    parts: Map<Name, Costs | Uint8Array>,
    field: Name,
    values: Costs | Uint8Array | undefined,
    width: number,
    blank: number,
  ): void {
    let all = parts.get(field);
    if (values === undefined) {
      all?.fill(blank, this.rows * width);
      return;
    }
    if (all === undefined) {
      const Type = values.constructor as new (length: number) => Costs | Uint8Array;
      const used = this.used.get(field);
      all = used?.constructor === Type ? used : new Type(this.size * width);
      all.fill(blank, 0, this.rows * width);
      parts.set(field, all);
    }
    if (values.constructor !== all.constructor)
      throw new InputError(
        `blocks have ${field === "cost" ? "costs" : field} of float32 and of float64; expected one type`,
        { field },
      );
    all.set(values, this.rows * width);
  }
}
