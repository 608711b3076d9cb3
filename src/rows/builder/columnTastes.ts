import { isWellFormed } from "../../text/shown.js";
import { textOf } from "../where.js";
import { isBlank } from "./cell.js";
import { plainName } from "./knownColumns.js";

/** Rows whose values are looked at: the first ones, then one in 64, since a file may be sorted by a column. */
const FIRST_ROWS = 500;
const EVERY_ROW = 64;
const MOST_ROWS = 4_000;
/** With fewer of them nothing is said. */
const LEAST_ROWS = 20;
/** Columns that are looked at, and named. */
const TASTED_COLUMNS = 100;
const NAMED_COLUMNS = 16;
const LONGEST_VALUE = 64;
/** Most values of a column of kinds, and fewest rows for each of them in the mean. */
const MOST_KINDS = 50;
const ROWS_PER_KIND = 4;

/** Words in the names of columns that are known only with an answer, or that say nothing about a query. */
const OTHER_WORDS: ReadonlySet<string> = new Set(
  (
    "answer answers label labels gold golden target targets truth expected reference solution response responses " +
    "completion output outputs prediction predicted correct score scores grade rating verdict winner judge judgement " +
    "cost costs price tokens latency duration time timestamp date split fold seed index idx row id uuid hash model models"
  ).split(" "),
);

/** Some of the values of a column. */
export interface ColumnTaste {
  /** Does nothing where the row under way is not looked at. */
  add(value: unknown): void;
  /** Whether the row under way is not looked at. */
  readonly isAsleep: boolean;
}

/** Looks at some values of columns that nothing reads, for those that may tell kinds of queries apart. */
export class ColumnTastes {
  private readonly tastes = new Map<string, Taste>();
  /** Whether the row under way is looked at. */
  isAwake = true;

  /** `row`: rows before it. */
  startRow(row: number): void {
    this.isAwake = row < FIRST_ROWS || (row % EVERY_ROW === 0 && row < MOST_ROWS * EVERY_ROW);
  }

  /** Takes values of a column; undefined for one that is not looked at. */
  of(name: string): ColumnTaste | undefined {
    const isOther = plainName(name)
      .split(/[_.]/)
      .some((word) => OTHER_WORDS.has(word));
    const isWritable = /^[^",\p{Cc}]+$/u.test(name) && isWellFormed(name) && name === name.trim();
    if (isOther || !isWritable || name.length > LONGEST_VALUE) return undefined;
    if (!this.tastes.has(name) && this.tastes.size < TASTED_COLUMNS) this.tastes.set(name, new Taste(this));
    return this.tastes.get(name);
  }

  /** A sentence that names the columns; undefined where there are none. */
  suggestion(): string | undefined {
    const found = [...this.tastes]
      .flatMap(([name, taste]) => {
        const what = taste.verdict();
        return what === undefined ? [] : [{ name, told: `${name} (${what})` }];
      })
      .slice(0, NAMED_COLUMNS);
    if (found.length === 0) return undefined;
    const told = found.map((one) => one.told);
    const [last] = told.splice(-1);
    const names = found.map(({ name }) => name).join(",");
    const option = /^[\w.,-]+$/.test(names) ? names : `"${names}"`;
    return (
      `${found.length === 1 ? "column" : "columns"} ${told.length > 0 ? `${told.join(", ")} and ` : ""}${last} ` +
      "may tell kinds of queries apart; if the work has the same, " +
      `--feature-columns ${option} tries on held-out rows whether that helps`
    );
  }
}

class Taste implements ColumnTaste {
  private isClosed = false;
  private readonly values = new Set<string>();
  private rows = 0;
  private known = 0;
  private areNumbers = true;
  private isRising = true;
  private last = -Infinity;

  constructor(private readonly all: ColumnTastes) {}

  get isAsleep(): boolean {
    return this.isClosed || !this.all.isAwake;
  }

  add(value: unknown): void {
    if (this.isAsleep) return;
    this.rows++;
    if (value === null || value === undefined) return;
    const text = textOf(value).trim();
    if (isBlank(text)) return;
    this.known++;
    if (this.values.size <= MOST_KINDS) this.values.add(text);
    const number = Number(text);
    this.areNumbers &&= Number.isFinite(number);
    this.isRising &&= number > this.last;
    this.last = number;
    const isPlain = typeof value !== "object" && text.length <= LONGEST_VALUE;
    this.isClosed = !isPlain || (this.values.size > MOST_KINDS && !this.areNumbers);
  }

  verdict(): string | undefined {
    const { values, rows, known } = this;
    if (this.isClosed || known < LEAST_ROWS || known < rows / 2 || values.size < 2) return undefined;
    if (values.size <= Math.min(MOST_KINDS, known / ROWS_PER_KIND)) return "few values";
    // Numbers that rise from row to row count the rows.
    return this.areNumbers && !this.isRising ? "numbers" : undefined;
  }
}
