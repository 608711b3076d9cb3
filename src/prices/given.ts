import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import { billOf } from "./bill.js";
import type { Price } from "./price.js";
import { armOf, type PriceTable } from "./table.js";
import type { Usage } from "./usage.js";

/** Prices that the user gives for single models: they replace recorded costs too. */
export class GivenPrices {
  private readonly applied = new Set<string>();
  private readonly kept = new Set<string>();
  private readonly known = new Map<string, Price | undefined>();

  /** `table` has the `given` prices among its own. */
  constructor(
    private readonly table: PriceTable,
    private readonly given: readonly Price[],
  ) {}

  /** Whether a model of one of these names is given a price. */
  has(...names: string[]): boolean {
    return this.find(names) !== undefined;
  }

  /** Whether it is given a price of 0, for which no tokens are needed. */
  isFree(...names: string[]): boolean {
    const price = this.find(names);
    return price !== undefined && price.input === 0 && price.output === 0;
  }

  /** Dollars of a call; undefined without a given price. A price of 0 needs no usage. */
  cost(names: readonly string[], usage: Usage | undefined): number | undefined {
    const price = this.find(names);
    if (price === undefined) return undefined;
    const { mode } = armOf(names[0]);
    let dollars: number | undefined;
    if (price.input === 0 && price.output === 0) dollars = 0;
    else if (usage !== undefined) dollars = billOf(price, usage, mode).total;
    if (dollars !== undefined) this.applied.add(price.model);
    return dollars;
  }

  /** Remembers that a model's recorded costs stand, to be changed later. */
  keep(name: string): void {
    const price = this.find([name]);
    if (price !== undefined) this.kept.add(price.model);
  }

  /** The given names whose costs are still the recorded ones, or that no file has. */
  open(): Set<string> {
    return new Set(
      this.given.map(({ model }) => model).filter((name) => this.kept.has(name) || !this.applied.has(name)),
    );
  }

  /**
   * Refuses a price that nothing was computed with.
   *
   * @throws InputError naming the model, and those there are.
   */
  check(models: readonly string[]): void {
    for (const { model } of this.given) {
      if (this.applied.has(model)) continue;
      const isThere = models.some((name) => this.find([name])?.model === model);
      throw isThere ? withoutTokens(model) : unknownModel(model, models);
    }
  }

  private find(names: readonly string[]): Price | undefined {
    for (const name of names) {
      const { model } = armOf(name);
      if (!this.known.has(model)) this.known.set(model, this.lookUp(model));
      const price = this.known.get(model);
      if (price !== undefined) return price;
    }
    return undefined;
  }

  private lookUp(model: string): Price | undefined {
    try {
      const { price } = this.table.find(model);
      return this.given.includes(price) ? price : undefined;
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }
}

/** The error for a new price of a model whose tokens are not recorded. */
export function withoutTokens(model: string): InputError {
  const name = shown(model);
  return new InputError(
    `the rows have no tokens of model "${name}"; a new price needs ${name}__input_tokens and ${name}__output_tokens`,
    { model },
  );
}

function unknownModel(model: string, models: readonly string[]): InputError {
  const names = models.slice(0, 20).map(shown).join(", ");
  return new InputError(`no model "${shown(model)}" to price; there are ${names}`, { model });
}
