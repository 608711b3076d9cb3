import type { FrontUnderPoint } from "../solve/constraints/front.js";
import type { Front } from "../solve/front.js";
import type { SearchedFront } from "../solve/search.js";
import { thin } from "../solve/thin.js";
import { countShares } from "../solve/trace.js";
import type { FrontTable } from "./front.js";

/** At most `most` points of a front, evenly spaced, with the models' shares. */
export async function frontTable(front: Front, most: number, signal?: AbortSignal): Promise<FrontTable> {
  const points = thin(front.totalCost.length, most);
  return tableOf(front, front, points, await countShares(front, points, { signal }));
}

/** As `frontTable`, for a searched front; points that are not supported have no lambda. */
export function searchedTable(front: Front, searched: SearchedFront, most: number): FrontTable {
  const points = thin(searched.totalCost.length, most);
  const models = front.problem.models.length;
  const counts = new Float64Array(points.length * models);
  points.forEach((k, row) => {
    for (const model of searched.allocationAt(k)) counts[row * models + model]++;
  });
  return tableOf(front, searched, points, counts);
}

/** The plans of a front under constraints. */
export function tableUnder(models: string[], points: readonly FrontUnderPoint[]): FrontTable {
  const pick = (of: (point: FrontUnderPoint) => number) => Float64Array.from(points, of);
  return {
    models,
    cost: pick(({ totalCost }) => totalCost),
    accuracy: pick(({ expectedAccuracy }) => expectedAccuracy),
    lambda: pick(({ lambda }) => lambda),
    shares: Float64Array.from(points.flatMap(({ shares }) => models.map((name) => shares[name]))),
  };
}

/** `counts`: points × models, the queries that each answers there. */
function tableOf(
  { problem: { models }, queries }: Front,
  { totalCost, expectedAccuracy, lambda }: Front | SearchedFront,
  points: Uint32Array,
  counts: Float64Array,
): FrontTable {
  const pick = (values: Float64Array) => Float64Array.from(points, (k) => values[k]);
  return {
    models,
    cost: pick(totalCost),
    accuracy: pick(expectedAccuracy),
    lambda: pick(lambda),
    shares: counts.map((count) => count / queries),
  };
}
