import { brief, count } from "../../text/amounts.js";
import { table, wrap } from "./table.js";

interface Estimate {
  estimate: number;
  low: number;
  high: number;
}

/** What is shown of a predictor that was fitted again. */
export interface Refitted {
  promoted: boolean;
  why: string;
  rows: { learned: number; heldOut: number };
  logLoss: { before: number; after: number; difference: Estimate };
  value: { before?: Estimate; after?: Estimate };
}

/** Both predictors side by side on the latest requests, and the verdict. */
export function refitText({ promoted, why, rows, logLoss, value }: Refitted): string {
  const { difference } = logLoss;
  const of = (estimate: Estimate | undefined): string =>
    estimate ? brief(estimate.estimate) : "not enough overlap";
  const range = (one: Estimate | undefined): string => (one ? `${brief(one.low)} … ${brief(one.high)}` : "");
  return (
    table([
      [`on the latest ${count(rows.heldOut)} judged requests`, "before", "after", "95 % interval"],
      [
        "log-loss (less is better)",
        brief(logLoss.before),
        brief(logLoss.after),
        `difference ${range(difference)}`,
      ],
      [
        "score − λ · dollars, doubly robust",
        of(value.before),
        of(value.after),
        value.after ? `after ${range(value.after)}` : "",
      ],
    ]) + wrap(`${promoted ? "promoted" : "not promoted"}: ${why}`)
  );
}
