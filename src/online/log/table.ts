import type { ParquetColumn, ParquetValues } from "../../write/parquet.js";
import type { LogRecord } from "./record.js";

/** A record as JSON holds it; it is checked where it is read. */
type Fields = Record<string, unknown>;

const TEXTS = ["type", "id", "policy", "predictor", "model", "reason", "retryOf", "key", "text"] as const;
/** Written as JSON. */
const JSONS = ["models", "features"] as const;
const ENDS = ["unanswered", "cause"] as const;
/** `cost`: what a settlement paid. */
const NUMBERS = ["time", "lambda", "cost", "inputTokens", "outputTokens", "score"] as const;
/** Lists of a decision: each model has a column of each, `<model>__<name>`. */
const LISTS = ["probability", "uncorrected", "cost", "propensity"] as const;

/**
 * The columns of a table of records, one record a row, blank where it has no such field. `models` is the list of a
 * decision's models and `features` what its request told, as JSON.
 */
export class RecordTable {
  readonly columns: readonly ParquetColumn[];

  /** `models`: all that any of the records names. */
  constructor(private readonly models: readonly string[]) {
    const column = (type: ParquetColumn["type"]) => (name: string) => ({ name, type, nullable: true });
    this.columns = [
      ...[...TEXTS, ...ENDS, ...JSONS].map(column("STRING")),
      ...NUMBERS.map(column("DOUBLE")),
      ...models.flatMap((model) => LISTS.map((name) => `${model}__${name}`)).map(column("DOUBLE")),
    ];
  }

  /** The columns of some records. */
  valuesOf(rows: readonly LogRecord[]): ParquetValues[] {
    const records = rows as unknown as Fields[];
    const texts = [...TEXTS, ...ENDS].map((name) => records.map((record) => textOf(record[name])));
    const lists = JSONS.map((name) =>
      records.map(({ [name]: value }) => (value === undefined ? null : JSON.stringify(value))),
    );
    const numbers = NUMBERS.map((name) => records.map((record) => numberOf(record[name])));
    const places = records.map(
      ({ models }) => new Map((models as string[] | undefined)?.map((m, k) => [m, k])),
    );
    const ofModels = this.models.flatMap((model) =>
      LISTS.map((name) =>
        records.map((record, i) => {
          const place = places[i].get(model);
          return place === undefined ? null : numberOf((record[name] as unknown[] | undefined)?.[place]);
        }),
      ),
    );
    return [...texts, ...lists, ...numbers, ...ofModels];
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  if (value === "Infinity") return Infinity;
  return typeof value === "number" ? value : null;
}

/** The names of a table's columns that records are made of. */
export function columnsRead(columns: readonly string[]): string[] {
  const fields = new Set<string>([...TEXTS, ...ENDS, ...JSONS, ...NUMBERS]);
  return columns.filter((name) => fields.has(name) || LISTS.some((list) => name.endsWith(`__${list}`)));
}

/** The record of row `i` of such columns, by name. */
export function recordAt(columns: ReadonlyMap<string, ArrayLike<unknown>>, i: number): Fields {
  const at = (name: string): unknown => {
    const value = columns.get(name)?.[i];
    return value === null || Number.isNaN(value) ? undefined : value;
  };
  const record: Fields = {};
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) record[name] = value;
  };
  for (const name of [...TEXTS, ...ENDS, ...NUMBERS]) put(name, at(name));
  if (record.lambda === Infinity) record.lambda = "Infinity";
  if (record.type !== "decision") return record;
  const models = namesOf(at("models"));
  record.models = models;
  put("features", valueOf(at("features")));
  if (models === undefined) return record;
  for (const name of LISTS) {
    const list = models.map((model) => at(`${model}__${name}`) ?? null);
    if (name !== "uncorrected" || list.some((value) => value !== null)) record[name] = list;
  }
  return record;
}

/** A list from JSON; undefined for anything else. */
function namesOf(text: unknown): string[] | undefined {
  const names = valueOf(text);
  return Array.isArray(names) && names.length <= MOST_MODELS ? (names as string[]) : undefined;
}

/** A value from JSON; undefined for what is none. */
function valueOf(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As many as a record may have. */
const MOST_MODELS = 255;
