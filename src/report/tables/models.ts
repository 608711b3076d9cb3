import type { Cell, TableData } from "../data.js";
import type { Plan } from "../../plan/plan.js";
import type { Chosen } from "../../solve/choice.js";
import { shownNames } from "../../text/names.js";
import { factorText } from "../words.js";

const BREAK_EVEN =
  "Used until its price is: the highest factor on the model's own prices at which it answers some query; below 1 it answers " +
  "none now and would start at that factor. All other prices, and what the plan pays for one more right answer, stay the same.";

/** Each model's share in a plan, its figures alone, and the effect of its price. */
export function modelsTable({ problem, singles, breakEvens }: Plan, chosen: Chosen | undefined): TableData {
  const names = shownNames(problem.models);
  return {
    heading: "The models",
    text:
      "Share: of the queries, in the plan. Alone: if the model answered every query; a dash where it must not answer " +
      "many." +
      (breakEvens === undefined ? "" : ` ${BREAK_EVEN}`),
    columns: [
      { title: "model", unit: "text" },
      ...(chosen ? [{ title: "share", unit: "percent" as const }] : []),
      { title: "alone: cost", unit: "dollars" },
      { title: "alone: accuracy", unit: "percent" },
      ...(breakEvens
        ? [
            { title: "used until its price is", unit: "number" as const },
            { title: "share at half price", unit: "percent" as const },
            { title: "at double price", unit: "percent" as const },
          ]
        : []),
    ],
    rows: problem.models.map((model, m): Cell[] => {
      const even = breakEvens?.[m];
      return [
        names[m],
        ...(chosen ? [chosen.shares[model]] : []),
        singles[m]?.totalCost ?? null,
        singles[m]?.expectedAccuracy ?? null,
        ...(even ? [factorText(even.costFactor), even.shareAtHalf, even.shareAtDouble] : []),
      ];
    }),
  };
}
