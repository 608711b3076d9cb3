import { MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import { parseDecimal } from "../text/number.js";
import { ROW_LIMIT } from "./limits.js";
import { readRecords } from "./records.js";
import { fileName, shown } from "../text/shown.js";

/** An allocation as a file holds it. */
export interface AllocationFile {
  /** In the file's order. */
  ids: string[];
  /** In order of first appearance. */
  models: string[];
  /** For each id the index of its model. */
  allocation: Uint8Array;
  /** For each id dollars ≥ 0; NaN where the file has none. */
  cost: Float64Array;
}

/**
 * Reads an allocation that `allocationRows` wrote, in any of its formats: `id`, `model` and, if present, `cost`.
 *
 * @throws InputError naming file, line, field and value: a missing or repeated id, a missing model, a cost that is not
 * dollars ≥ 0, more than 255 models, no rows.
 */
export async function readAllocation(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<AllocationFile> {
  const name = fileName(path);
  const ids = new Set<string>();
  const models = new Map<string, number>();
  const allocation: number[] = [];
  const cost: number[] = [];
  for await (const { line, record } of readRecords(path, options)) {
    const wrong = (field: string, expected: string): InputError =>
      new InputError(`${name}:${line}: ${field} is ${shown(record.get(field))}; expected ${expected}`, {
        file: name,
        line,
        field,
      });
    const id = idOf(record.get("id"));
    if (id === undefined) throw wrong("id", "text");
    if (ids.has(id)) throw wrong("id", "unique ids");
    if (ids.size === ROW_LIMIT) throw wrong("id", `at most ${ROW_LIMIT} rows`);
    const model = record.get("model");
    if (typeof model !== "string" || model.trim() === "") throw wrong("model", "a model's name");
    const m = models.get(model) ?? models.size;
    if (m === MAX_MODELS) throw wrong("model", `at most ${MAX_MODELS} models`);
    const dollars = costOf(record.get("cost"));
    if (dollars < 0) throw wrong("cost", "dollars ≥ 0");
    ids.add(id);
    models.set(model, m);
    allocation.push(m);
    cost.push(dollars);
  }
  if (ids.size === 0) throw new InputError(`${name} has no rows`, { file: name });
  return {
    ids: [...ids],
    models: [...models.keys()],
    allocation: Uint8Array.from(allocation),
    cost: Float64Array.from(cost),
  };
}

/** The text of an id; undefined if it is neither text nor a number. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "string" && value.trim() !== "") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

/** Dollars; NaN when blank, −1 when not acceptable. */
function costOf(value: unknown): number {
  if (value === undefined || value === null) return NaN;
  if (typeof value === "string") return value.trim() === "" ? NaN : costOf(parseDecimal(value));
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : -1;
}
