import type { Matrices } from "../core/solve/block.js";
import { InputError } from "../errors.js";
import { shards, type JobOf, type JobResults } from "../pool/jobs.js";
import { inline, type Runner } from "../pool/runner.js";
import type { RunningOptions } from "../pool/running.js";
import type { BlockSource } from "../types.js";
import { isStreamed, partsOf, type InputPart, type SolveInput } from "./input.js";

/** What is computed of all rows, shard by shard. */
export type PassKind = "sumHulls" | "allocate" | "bracket";

/** A job but for its rows. */
export type Asked<Kind extends PassKind> = Omit<JobOf<Kind>, "problem" | "from" | "to"> & { kind: Kind };

/** The results of consecutive rows, one for each of their shards. Queries in them count from the first of these rows. */
export interface PassPart<Kind extends PassKind> {
  part: Pick<InputPart, "first" | "queries" | "weight">;
  results: JobResults[Kind][];
}

/**
 * A stream without weights whose rows are spread over machines: it answers these questions itself, to the bit as a pass
 * over its blocks would. All others are answered by its blocks.
 */
export interface SpreadSource extends BlockSource {
  /** The parts in the order of the rows, each with a whole number of shards. */
  pass<Kind extends PassKind>(asked: Asked<Kind>, options: RunningOptions): AsyncIterable<PassPart<Kind>>;
  /** How many queries each model answers at falling prices: prices × models. */
  counts(lambda: Float64Array, options: RunningOptions): Promise<Float64Array>;
  /** The options that an allocation takes, as problems of one model, in the order of the rows. */
  taken(allocation: Uint8Array, signal?: AbortSignal): AsyncIterable<Matrices>;
}

export function isSpread(input: SolveInput): input is SpreadSource {
  return "pass" in input;
}

/** Runs one job per shard, part after part of an input, and yields the results of each part in order. */
export async function* passOver<Kind extends PassKind>(
  input: SolveInput,
  { pool, signal, onProgress }: RunningOptions,
  asked: Asked<Kind>,
): AsyncGenerator<PassPart<Kind>> {
  if (isSpread(input)) {
    yield* input.pass<Kind>(asked, { signal, onProgress });
    return;
  }
  const runner: Runner = pool ?? inline;
  for await (const part of partsOf(input, signal)) {
    const { matrices, first, queries } = part;
    const jobs = shards(queries, matrices.models).map(
      (shard) => ({ ...asked, problem: matrices, ...shard }) as JobOf<Kind>,
    );
    const onDone = (done: number, total: number): void =>
      onProgress?.({
        phase: "solving",
        done: first + Math.round((queries * done) / total),
        total: first + queries,
      });
    const run = (): Promise<JobResults[Kind][]> => runner.run<Kind>(jobs, { signal, onDone });
    yield { part, results: await naming(input, part, run) };
  }
}

/** Replaces indices within a part, in an error, by the query's id and the model's name. */
async function naming<T>(input: SolveInput, part: InputPart, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { query, model } = error.details;
    let message = error.message;
    if (typeof model === "number")
      message = message.replace(`model ${model} `, () => `model "${input.models[model]}" `);
    if (typeof query === "number") {
      const id = !isStreamed(input) && input.ids !== undefined ? `"${input.ids[query]}"` : part.first + query;
      message = message.replace(`query ${query}`, () => `query ${id}`);
    }
    throw new InputError(message, { ...error.details });
  }
}
