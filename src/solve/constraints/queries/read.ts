import type { View } from "../../../core/solve/constraints/priced.js";
import { InputError } from "../../../errors.js";
import { shared, sharedLike, type Numbers } from "../../../memory.js";
import { breathe } from "../../../pool/breathe.js";
import { shardRows } from "../../../pool/jobs.js";
import type { BlockSource, Problem } from "../../../types.js";
import { blocksOf, isStreamed, type SolveInput } from "../../input.js";
import { inShards } from "../../inShards.js";
import { addWeights, checkShape, checkWeight, matricesOf, shareProblem } from "../../problem.js";
import type { Constraint } from "../constraint.js";
import { groupsOf, rowsOf, type Row } from "../rows.js";
import { Classes, groupWeights, type ClassLists } from "./classes.js";
import { columnNamed, refuseLarge, refuseLargeOf } from "./columns.js";
import { queriesOf, rowsOfView, type Part, type Queries, type WorkOptions } from "./queries.js";

/** What constraints mean for a problem, and the queries in the form that passes take. */
export interface Read {
  /** In memory, if it is given so or fits one part of a pass. */
  problem: SolveInput;
  queries: Queries;
  /** Of all queries. */
  weight: number;
  classes: ClassLists;
  rows: readonly Row[];
}

/**
 * Reads a problem once and checks it and its constraints, but for the values that the plain passes check. Of a stream, two bytes
 * a query are kept if constraints group them; a stream of one part is kept in memory.
 *
 * @throws InputError
 */
export async function readQueries(
  input: SolveInput,
  constraints: readonly Constraint[],
  options: WorkOptions,
): Promise<Read> {
  const { isThreaded: isShared, signal } = options;
  const first = new FirstPass(constraints);
  if (!isStreamed(input)) {
    checkShape(input);
    first.add(input);
    const problem = isShared ? shareProblem(input) : input;
    const view = viewOf(problem, first, isShared);
    for (const [j, name] of first.columns.entries())
      await refuseLargeOf(problem, name, view.columns[j], options);
    return { problem, queries: queriesOf(view), ...first.result(input.models) };
  }
  for await (const block of blocksOf(input, signal)) {
    first.add(block);
    for (const name of first.columns)
      refuseLarge(block, name, first.count - block.cost.length / input.models.length);
  }
  if (first.count === 0) throw new InputError("the source has no rows", { field: "blocks" });
  const result = first.result(input.models);
  if (first.count > shardRows(input.models.length)) {
    return { problem: input, queries: new Streamed(input, first, isShared), ...result };
  }
  const problem = await copyOf(input, first.columns, isShared, signal);
  return { problem, queries: queriesOf(viewOf(problem, first, isShared)), ...result };
}

/** What is found out while a problem is read for the first time. */
class FirstPass {
  count = 0;
  columns: readonly string[] = [];
  private weight = 0;
  private readonly classes: Classes;
  private byClass = new Float64Array(1);
  private readonly found: Uint16Array[] = [];
  private joined: Uint16Array | undefined;

  constructor(private readonly constraints: readonly Constraint[]) {
    this.classes = new Classes(groupsOf(constraints));
  }

  /** Adds rows whose shape has been checked. */
  add(block: Problem): void {
    const { constraints, classes } = this;
    const queries = block.cost.length / block.models.length;
    // Wrong constraints are refused before anything is read for them.
    if (this.count === 0) {
      const any = new Float64Array(constraints.length).fill(1);
      this.columns = rowsOf(block.models, constraints, any).columns;
    }
    const of = classes.of(block, queries);
    if (of !== undefined) {
      this.found.push(of);
      this.byClass = weightsByClass(of, block.weight, this.byClass, classes.lists.length);
    }
    for (const name of this.columns) columnNamed(block, name);
    this.weight = addWeights(block, this.weight);
    this.count += queries;
  }

  result(models: readonly string[]): Pick<Read, "weight" | "classes" | "rows"> {
    const { weight, byClass, constraints, classes } = this;
    checkWeight(weight);
    const { lists } = classes;
    const sums = lists.length === 1 ? [weight] : byClass;
    const { rows } = rowsOf(models, constraints, groupWeights(lists, sums, constraints.length));
    return { weight, classes: lists, rows };
  }

  /** The classes of all queries; undefined: class 0. */
  classesOfAll(): Uint16Array | undefined {
    if (this.joined !== undefined || this.found.length <= 1) return this.joined ?? this.found[0];
    this.joined = new Uint16Array(this.count);
    let at = 0;
    for (const part of this.found.splice(0)) {
      this.joined.set(part, at);
      at += part.length;
    }
    return this.joined;
  }
}

/** By class: the weight so far, and that of more queries. */
function weightsByClass(
  of: Uint16Array,
  weight: Float32Array | undefined,
  before: Float64Array,
  classes: number,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(classes);
  sums.set(before.subarray(0, classes));
  for (let q = 0; q < of.length; q++) sums[of[q]] += weight === undefined ? 1 : weight[q];
  return sums;
}

function viewOf(problem: Problem, first: FirstPass, isShared: boolean): View {
  const classes = first.classesOfAll() ?? new Uint16Array(first.count);
  const columns = first.columns.map((name) => problem.columns![name]);
  return {
    matrices: matricesOf(problem),
    columns: isShared ? columns.map((column) => shared(column)) : columns,
    classes: isShared ? shared(classes) : classes,
  };
}

/** The rows of a stream, which are one part, as a problem in memory. */
async function copyOf(
  { models, blocks }: BlockSource,
  columns: readonly string[],
  isShared: boolean,
  signal: AbortSignal | undefined,
): Promise<Problem> {
  const rows = shardRows(models.length);
  for await (const block of inShards(blocksOf({ models, blocks }, signal), rows, columns)) {
    const copy = <A extends Numbers>(values: A): A => (isShared ? shared(values) : (values.slice() as A));
    const of = block.columns ?? {};
    return {
      models,
      cost: copy(block.cost),
      successProbability: copy(block.successProbability),
      weight: block.weight && copy(block.weight),
      allowed: block.allowed && copy(block.allowed),
      minProbability: block.minProbability && copy(block.minProbability),
      columns: Object.fromEntries(Object.keys(of).map((name) => [name, copy(of[name])])),
    };
  }
  throw new InputError("the source has no rows", { field: "blocks" });
}

/** Queries of a stream, whose rows are read anew for each pass and cut into shards, whatever its blocks are. */
class Streamed implements Queries {
  readonly models: number;
  readonly columns: number;
  readonly count: number;
  private readonly names: readonly string[];
  private readonly classes: Uint16Array | undefined;

  constructor(
    private readonly source: BlockSource,
    first: FirstPass,
    private readonly isShared: boolean,
  ) {
    this.models = source.models.length;
    this.columns = 3 + first.columns.length;
    this.count = first.count;
    this.names = first.columns;
    this.classes = first.classesOfAll();
  }

  async *batches(signal?: AbortSignal): AsyncGenerator<Part[]> {
    const { source, names, count, models, classes } = this;
    const size = shardRows(models);
    const staging = this.isShared ? new Staging() : undefined;
    let first = 0;
    for await (const rows of inShards(blocksOf(source, signal), size, names)) {
      const queries = rows.cost.length / models;
      if (first + queries > count) break;
      const view: View = {
        matrices: matricesOf({ ...rows, models: source.models }),
        columns: names.map((name) => rows.columns![name]),
        classes: classes?.subarray(first, first + queries) ?? new Uint16Array(queries),
      };
      for (let from = 0; from < queries; from += size) {
        await breathe(signal);
        const shard = rowsOfView(view, from, Math.min(from + size, queries));
        yield [{ view: staging?.copy(shard) ?? shard, first: first + from }];
      }
      first += queries;
    }
    if (first === count) return;
    throw new InputError(`the source had ${count} rows at first, and another number when it was read again`, {
      field: "blocks",
    });
  }
}

/** Shared memory that one shard after another is copied to, for threads. */
class Staging {
  private readonly arrays = new Map<string, Numbers>();

  copy({ matrices, columns, classes }: View): View {
    const { models, cost, successProbability, weight, allowed, minProbability } = matrices;
    return {
      matrices: {
        models,
        cost: this.put("cost", cost),
        successProbability: this.put("successProbability", successProbability),
        weight: weight && this.put("weight", weight),
        allowed: allowed && this.put("allowed", allowed),
        minProbability: minProbability && this.put("minProbability", minProbability),
      },
      columns: columns.map((column, j) => this.put(`column ${j}`, column)),
      classes: this.put("classes", classes),
    };
  }

  private put<A extends Numbers>(name: string, values: A): A {
    if (values.buffer instanceof SharedArrayBuffer) return values;
    let kept = this.arrays.get(name) as A | undefined;
    if (kept === undefined || kept.length < values.length) this.arrays.set(name, (kept = sharedLike(values)));
    kept.set(values as never);
    return kept.subarray(0, values.length) as A;
  }
}
