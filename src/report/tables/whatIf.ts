import type { Cell, TableData } from "../data.js";
import type { Plan } from "../../plan/plan.js";
import type { Front } from "../../solve/front.js";
import { WHAT_IF } from "../words.js";

interface World {
  front: Front;
  choice: Plan["choice"];
}

/** The same target without and with the changes. */
export function whatIfTable(before: World, after: World & Pick<Plan, "constraints">): TableData {
  const free = after.constraints.length === 0 ? "" : " Cheapest and most accurate: without the limits.";
  return {
    heading: "What if",
    text: `The same target without and with the changes; the predictions are the same.${free}`,
    columns: [
      { title: "", unit: "text" },
      { title: "chosen: cost", unit: "dollars" },
      { title: "chosen: expected accuracy", unit: "percent" },
      { title: "cheapest allocation", unit: "dollars" },
      { title: "most accurate: cost", unit: "dollars" },
      { title: "most accurate: expected accuracy", unit: "percent" },
    ],
    rows: [row(WHAT_IF.before, before), row(WHAT_IF.after, after)],
  };
}

function row(name: string, { front, choice }: World): Cell[] {
  const last = front.lambda.length - 1;
  const at = choice.status === "chosen" ? choice : undefined;
  return [
    name,
    at?.totalCost ?? null,
    at?.expectedAccuracy ?? null,
    front.totalCost[0],
    front.totalCost[last],
    front.expectedAccuracy[last],
  ];
}
