/** A limit on a plan as people write it: models by name or pattern, groups by the values of a column. Plain data. */
export interface LimitSpec {
  /** What is added up: queries, their tokens (prompt and answer), dollars, success probability, or seconds. */
  measure: "queries" | "tokens" | "cost" | "accuracy" | "latency";
  /** The sum, its mean over the queries, or the part, 0 … 1, of the sum over all models. */
  as: "total" | "mean" | "share";
  side: "atMost" | "atLeast";
  /** In the unit of the measure; a share or an accuracy is 0 … 1. */
  value: number;
  /** A model's name, in which each `*` stands for any text. Default: all models. */
  models?: string;
  /** Only the queries with this value in a column; without a value, a limit for each value of it. */
  group?: { column: string; value?: string };
}

/** A limit as its option takes it; `parseLimit` and the others read the same limit from it. */
export function limitText(spec: LimitSpec): string {
  const { measure, as, side, value, models, group } = spec;
  const words = side === "atMost" ? "at most" : "at least";
  const scope = models === undefined ? "" : `${models}: `;
  if (group !== undefined) {
    const where = group.value === undefined ? group.column : `${group.column}=${group.value}`;
    return `${where}: ${words} ${measure === "accuracy" ? `${percentOf(value)}%` : `$${value}`}`;
  }
  if (as === "share") {
    const of = measure === "cost" ? "spend" : measure;
    return `${models} ${side === "atMost" ? "<=" : ">="} ${percentOf(value)}% of ${of}`;
  }
  if (measure === "latency") return `${scope}${as} ${side === "atMost" ? "<=" : ">="} ${value}s`;
  return `${scope}${words} ${measure === "cost" ? `$${value}` : `${value} ${measure}`}`;
}

/** A share as a percentage in few digits that reads back as the same share. */
function percentOf(share: number): string {
  const short = Number((100 * share).toPrecision(15));
  return String(short / 100 === share ? short : 100 * share);
}
