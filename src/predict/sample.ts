import { MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import type { QueryVectors } from "../types.js";
import { shown } from "../text/shown.js";
import type { ColumnTexts } from "./features/columnCells.js";
import { checkVectors } from "./vectors.js";

/** Queries with labels that a predictor is fitted to. */
export interface LabelledSample {
  /** Names, unique, 1 … 255 of them. */
  models: string[];
  /** Texts, at least one; "" is allowed. */
  queries: string[];
  /** Observed success 0 … 1, queries × models, row-major; NaN: unlabelled. */
  outcome: Float32Array;
  /** Used in place of the texts, or beside them where that helps on held-out rows. */
  vectors?: QueryVectors;
  /** Columns that tell kinds of queries apart, at most 16; used beside the texts where that helps on held-out rows. */
  columns?: ColumnTexts;
}

/** Refuses a sample that no predictor can be fitted to. O(queries · models). */
export function checkSample({ models, queries, outcome, vectors, columns }: LabelledSample): void {
  if (models.length < 1 || models.length > MAX_MODELS || new Set(models).size !== models.length) {
    throw new InputError(`sample has ${models.length} models; expected 1 … ${MAX_MODELS} unique names`, {
      field: "models",
    });
  }
  if (queries.length === 0) {
    throw new InputError("sample has no queries; expected at least one labelled query", { field: "queries" });
  }
  if (outcome.length !== queries.length * models.length) {
    const expected = `${queries.length} queries × ${models.length} models`;
    throw new InputError(`outcome has ${outcome.length} values; expected ${expected}`, {
      field: "outcome",
      value: outcome.length,
    });
  }
  const wrong = outcome.findIndex((y) => y < 0 || y > 1);
  if (wrong >= 0) {
    const query = Math.floor(wrong / models.length);
    const model = models[wrong % models.length];
    throw new InputError(
      `outcome of query ${query}, model "${model}" is ${outcome[wrong]}; expected 0 … 1 or NaN`,
      {
        field: "outcome",
        query,
        model,
        value: outcome[wrong],
      },
    );
  }
  if (outcome.every(Number.isNaN)) {
    throw new InputError("sample has no labels: every outcome is NaN; expected at least one", {
      field: "outcome",
    });
  }
  if (vectors !== undefined) checkVectors(vectors, queries.length);
  for (const [name, texts] of columns ?? []) {
    if (texts.length === queries.length) continue;
    throw new InputError(`column ${shown(name)} has ${texts.length} texts; expected ${queries.length}`, {
      field: "columns",
      column: name,
    });
  }
}
