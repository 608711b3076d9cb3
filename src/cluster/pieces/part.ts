import { InputError } from "../../errors.js";
import type { BadRows } from "../../rows/badRows.js";
import type { PartOfTable } from "../../rows/builder/builder.js";
import type { RowRange } from "../../rows/rowRange.js";
import { fileName } from "../../text/shown.js";

/** What reading a part of the table told. */
export class Part {
  readonly notes: string[] = [];
  /** Whether the rows have ids of their own. Rows of other tools' files have. */
  areNamed = true;
  private rows = 0;
  private badRows: BadRows | undefined;
  private withoutCosts: string[] = [];

  constructor(
    readonly path: string,
    readonly range: RowRange | undefined,
    readonly constants: ReadonlyMap<string, string>,
  ) {}

  /** Rows that could not be read. */
  get bad(): number {
    return this.badRows?.count ?? 0;
  }

  readonly take = ({ rows, bad, areNamed, withoutCosts }: PartOfTable): void => {
    this.rows = rows;
    this.areNamed = areNamed;
    this.badRows = bad;
    this.withoutCosts = withoutCosts;
    const name = fileName(this.path);
    // Their lines count from where the part begins.
    if (this.range !== undefined)
      bad.describe((text) => text.replace(name, `${name}, part from byte ${this.range!.from}`));
  };

  /** Whether reading failed only because there is no row, or none is left. */
  isEmpty(error: unknown): boolean {
    return error instanceof InputError && error.details.areUnmet !== undefined;
  }

  info() {
    const { path, range, badRows, rows, withoutCosts } = this;
    return {
      path,
      ...(range && { bytes: { from: range.from, to: range.to } }),
      ...(badRows &&
        badRows.count > 0 && { bad: { rows: badRows.count, described: [...badRows.described] } }),
      readable: rows,
      ...(withoutCosts.length > 0 && { withoutCosts }),
    };
  }
}
