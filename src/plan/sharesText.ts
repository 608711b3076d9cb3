import { percent } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import { oneLine } from "../text/shown.js";

/** Models that are named one by one. */
const NAMED = 3;

/** "send 60.0 % of the queries to a, 30.0 % to b and 10.0 % to c" */
export function sharesText(shares: Record<string, number>): string {
  const used = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a);
  const nameOf = ([model]: [string, number]): string => shownName(oneLine(model));
  if (used.length === 1) return `send all queries to ${nameOf(used[0])}`;
  const parts = used.slice(0, NAMED).map((one) => `${percent(one[1], 1)} to ${nameOf(one)}`);
  parts[0] = parts[0].replace(" to ", " of the queries to ");
  const others = used.length - NAMED;
  if (others > 0) parts.push(`the rest to ${others} other${others === 1 ? "" : "s"}`);
  return `send ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
