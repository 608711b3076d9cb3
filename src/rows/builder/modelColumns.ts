import { MAX_MODELS } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import type { NumberKind } from "./field.js";
import { sharedDoubles, sharedFloats } from "../../memory.js";
import { GrowingMatrix } from "./growingMatrix.js";
import { noModel, type Place } from "./place.js";

/** For error messages. */
const EXPECTED =
  "columns <model>__score (0 … 1) and <model>__cost (dollars), such as gpt-4__cost, or one row for each query and model" +
  " with columns query, model, score and cost";

/** The models of a file and the numbers in their columns. */
export class ModelColumns {
  readonly matrices: Readonly<Record<Exclude<NumberKind, "cost">, GrowingMatrix<Float32Array>>> & {
    readonly cost: GrowingMatrix<Float64Array>;
  };
  hasCost = false;
  hasTokens = false;
  private readonly models = new Map<string, { index: number; isFound: boolean; hasCosts: boolean }>();
  /** Models of the file that were not asked for. */
  private readonly leftOut = new Set<string>();

  /** `asked`: only these models, in this order. `expected`: as a `GrowingMatrix` takes it. */
  constructor(
    private readonly place: Place,
    private readonly asked: readonly string[] | undefined,
    expected: (rows: number) => number,
  ) {
    const floats = () => new GrowingMatrix(NaN, 0, expected, sharedFloats);
    const cost = new GrowingMatrix(Infinity, 0, expected, sharedDoubles);
    this.matrices = { score: floats(), cost, input: floats(), output: floats() };
    if (asked?.length === 0)
      throw new InputError("models is empty; expected at least one name", { models: asked });
    for (const model of asked ?? []) {
      if (this.models.has(model)) throw new InputError(`model ${shown(model)} is named twice`, { model });
      this.add(model);
    }
  }

  get names(): string[] {
    return [...this.models.keys()];
  }

  /** The index of a column's model, which is added if it is new; undefined for a model that was not asked for. */
  indexOf(model: string, kind: NumberKind): number | undefined {
    const isTokens = kind === "input" || kind === "output";
    const found = this.models.get(model) ?? (this.asked === undefined ? this.add(model) : undefined);
    if (found === undefined) {
      this.leftOut.add(model);
      return undefined;
    }
    // Models that were asked for need a score or a cost; others are there as soon as a column names them.
    if (this.asked === undefined || !isTokens) found.isFound = true;
    if (kind === "cost") this.hasCost = found.hasCosts = true;
    if (isTokens) this.hasTokens = true;
    return found.index;
  }

  /** Models without a column of costs, whose tokens are the only thing that may tell what they cost. */
  get withoutCosts(): string[] {
    return this.hasTokens ? this.names.filter((name) => !this.models.get(name)!.hasCosts) : [];
  }

  clear(row: number): void {
    for (const matrix of Object.values(this.matrices)) matrix.clear(row);
  }

  /** Refuses a file that lacks a model that was asked for, or has none at all. `columns`: which it has. */
  checkFound(columns: () => string): void {
    const missing = [...this.models].find(([, { isFound }]) => !isFound)?.[0];
    const found = this.names.filter((name) => this.models.get(name)!.isFound);
    const names = [...found, ...this.leftOut];
    if (names.length === 0) {
      const { file } = this.place;
      throw new InputError(`${file} has no model columns; expected ${EXPECTED}; ${columns()}`, { file });
    }
    if (missing !== undefined) throw noModel(this.place.file, missing, names);
  }

  /** The first rows, packed: once only. */
  pack(rows: number) {
    const { score, cost, input, output } = this.matrices;
    return {
      models: this.names,
      cost: cost.pack(rows),
      outcome: score.pack(rows),
      ...(this.hasTokens && { tokens: { input: input.pack(rows), output: output.pack(rows) } }),
    };
  }

  private add(model: string) {
    const index = this.models.size;
    if (index === MAX_MODELS) throw this.place.error(`more than ${MAX_MODELS} models`, { isOfFile: true });
    const added = { index, isFound: false, hasCosts: false };
    this.models.set(model, added);
    for (const matrix of Object.values(this.matrices)) matrix.addColumn();
    return added;
  }
}
