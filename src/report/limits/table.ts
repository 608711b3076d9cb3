import type { Plan } from "../../plan/plan.js";
import type { Cell, TableData } from "../data.js";
import { amountText, limitsIn, nameOfLimit, worthOf } from "./amounts.js";

/** Every limit: what is used of it, whether it binds, what a little more of it is worth, and the plan without it. Empty without limits. */
export function limitsTables({ choice, constraints }: Pick<Plan, "choice" | "constraints">): TableData[] {
  const limits = limitsIn(choice);
  if (limits.length === 0) return [];
  return [
    choice.status === "chosen" ? keptTable({ choice, constraints }) : missedTable({ choice, constraints }),
  ];
}

function keptTable({ choice, constraints }: Pick<Plan, "choice" | "constraints">): TableData {
  const without = "without" in choice ? (choice.without ?? []) : [];
  return {
    heading: "Limits",
    text:
      "Used: by the predictions. Binds: the limit holds the plan back. One percent is worth: what 1 % more of an upper " +
      "limit, or 1 % less of a lower one, saves at the same expected accuracy, or the expected accuracy that it gains where " +
      "money gains none; of shares and accuracies, one percentage point; of a limit of 0, one unit. Without it: the best " +
      "plan with all other limits.",
    columns: [
      { title: "limit", unit: "text" },
      { title: "used", unit: "text" },
      { title: "binds", unit: "text" },
      { title: "one percent is worth", unit: "text" },
      { title: "without it: cost", unit: "dollars" },
      { title: "without it: accuracy", unit: "percent" },
    ],
    rows: limitsIn(choice).map((limit): Cell[] => {
      const constraint = constraints[limit.constraint];
      const other = without.find((one) => one.constraint === limit.constraint);
      return [
        nameOfLimit(limit),
        amountText(limit.value, constraint),
        limit.binds ? "yes" : "no",
        limit.binds ? worthOf(limit, constraint).text : null,
        other?.totalCost ?? null,
        other?.expectedAccuracy ?? null,
      ];
    }),
  };
}

function missedTable({ choice, constraints }: Pick<Plan, "choice" | "constraints">): TableData {
  return {
    heading: "Limits",
    text: "No plan that keeps all limits was found: these are the predicted figures of the nearest one.",
    columns: [
      { title: "limit", unit: "text" },
      { title: "used", unit: "text" },
      { title: "kept", unit: "text" },
    ],
    rows: limitsIn(choice).map((limit): Cell[] => [
      nameOfLimit(limit),
      amountText(limit.value, constraints[limit.constraint]),
      limit.slack < 0 ? "no" : "yes",
    ]),
  };
}
