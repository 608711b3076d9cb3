import type { GroupFigures } from "../plan/groups.js";
import { count, dollars, percent } from "../text/amounts.js";
import { someOf } from "../text/names.js";
import { oneLine } from "../text/shown.js";

const MOST = 20;
/** The most models of a group that are named. */
const NAMED = 3;

/** The figures of at most 20 groups, and of the others together, as cells of a table with a head. */
export function groupCells(
  groups: readonly GroupFigures[],
  column: string,
  accuracy: "expected" | "recorded",
): string[][] {
  const rows = groups.length > MOST ? [...groups.slice(0, MOST), together(groups.slice(MOST))] : groups;
  return [
    [oneLine(column), "queries", "cost", `${accuracy} accuracy`, "answered by"],
    ...rows.map((row) => [
      row.group === "" ? "(blank)" : oneLine(row.group).slice(0, 40),
      count(row.queries),
      dollars(row.cost),
      percent(row.accuracy),
      answeredBy(row.shares),
    ]),
  ];
}

function answeredBy(shares: Record<string, number>): string {
  const sorted = Object.entries(shares).sort((a, b) => b[1] - a[1]);
  return someOf(sorted, NAMED, ([model, share]) => `${oneLine(model)} ${percent(share)}`);
}

function together(groups: readonly GroupFigures[]): GroupFigures {
  const shares = new Map<string, number>();
  const sum = { queries: 0, cost: 0, right: 0 };
  for (const group of groups) {
    sum.queries += group.queries;
    sum.cost += group.cost;
    sum.right += group.accuracy * group.queries;
    for (const [model, share] of Object.entries(group.shares))
      shares.set(model, (shares.get(model) ?? 0) + share * group.queries);
  }
  return {
    group: `${count(groups.length)} others`,
    queries: sum.queries,
    cost: sum.cost,
    accuracy: sum.right / sum.queries,
    shares: Object.fromEntries([...shares].map(([model, queries]) => [model, queries / sum.queries])),
  };
}
