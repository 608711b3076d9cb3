import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import type { Dataset } from "../types.js";
import { DatasetBuilder, type BuilderOptions } from "./builder/builder.js";
import type { Field } from "./builder/field.js";

/** What one model did with a query, or would: a value that is left out, null or undefined is unknown. */
export interface ModelRecord {
  /** Observed success, 0 … 1, true or false. */
  score?: number | boolean | null | undefined;
  /** Dollars: 0, or 10⁻¹² … 10¹². Unknown: this model must not answer, unless costs are predicted. */
  cost?: number | null | undefined;
  inputTokens?: number | null | undefined;
  outputTokens?: number | null | undefined;
}

/**
 * One query: its `id` (unique; default: its number, from 1), its text in `query`, and under the name of each model a
 * `ModelRecord`. The flat columns of files (`gpt-4__score`, `allowed_models` …) are taken too; any other value is a column,
 * kept if asked for.
 */
export type DatasetRow = Readonly<Record<string, unknown>>;

/** Which parts of the rows are kept. */
export type DatasetFromOptions = Pick<BuilderOptions, "models" | "columns" | "blankCosts" | "requireText">;

const SUFFIX_OF = new Map([
  ["score", "__score"],
  ["cost", "__cost"],
  ["inputTokens", "__input_tokens"],
  ["outputTokens", "__output_tokens"],
]);

/**
 * A dataset from plain objects, checked as `readDataset` checks a file. O(rows × models).
 *
 * ```ts
 * datasetFrom([{ query: "2 + 2?", small: { score: 1, cost: 0.0001 }, large: { score: 1, cost: 0.002 } }]);
 * ```
 *
 * @throws InputError naming row, column and value, as `readDataset` does.
 */
export function datasetFrom(rows: Iterable<DatasetRow>, options: DatasetFromOptions = {}): Dataset {
  const builder = new DatasetBuilder("rows", { ...options, place: "row" });
  const fields = new Map<string, Field>();
  const put = (name: string, value: unknown): void => {
    let field = fields.get(name);
    if (field === undefined) fields.set(name, (field = builder.field(name)));
    builder.put(field, value ?? null);
  };
  let number = 0;
  for (const row of rows) {
    builder.startRow(++number);
    if (typeof row !== "object" || row === null || Array.isArray(row))
      throw new InputError(`rows, row ${number} is ${shown(row)}; expected an object`, { row: number });
    const isNamed = row.id !== undefined && row.id !== null;
    put("id", isNamed ? row.id : String(number));
    for (const [name, value] of Object.entries(row)) {
      if (name === "id") continue;
      const isModel = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!isModel) {
        put(name, value);
        continue;
      }
      for (const [part, known] of Object.entries(value)) {
        const suffix = SUFFIX_OF.get(part);
        if (suffix === undefined) {
          const problem = `rows, row ${number}: ${shown(name)} has ${shown(part)}`;
          throw new InputError(`${problem}; expected ${[...SUFFIX_OF.keys()].join(", ")}`, { row: number });
        }
        put(name + suffix, known);
      }
    }
    builder.endRow();
  }
  return builder.finish();
}
