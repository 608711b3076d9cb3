/** How the cells of tables are written, in the terminal and on the page alike. Nothing here needs Node.js. */

import { brief, count, dollars, percent, points, UNKNOWN } from "../text/amounts.js";
import type { Cell, Unit } from "./data.js";

/** Mean ± deviation over repeats. */
export function spread(
  { mean, deviation }: { mean: number | null; deviation: number | null },
  text: (value: number) => string,
): string {
  if (mean === null) return UNKNOWN;
  return deviation === null ? text(mean) : `${text(mean)} ± ${text(deviation)}`;
}

/** A cell of a table. */
export function cellText(value: Cell, unit: Unit): string {
  if (value === null) return UNKNOWN;
  if (typeof value === "string") return value;
  switch (unit) {
    case "dollars":
      return dollars(value);
    case "percent":
      return percent(value);
    case "points":
      return points(value);
    case "count":
      return count(value);
    case "number":
    case "text":
      return brief(value);
  }
}
