import type { Plan } from "../plan/plan.js";
import { formOf, type Constraint } from "../solve/constraints/constraint.js";
import type { ChoiceUnder, Limit } from "../solve/constraints/result.js";
import type { Chosen } from "../solve/choice.js";
import type { Target } from "../solve/target.js";
import { brief, count, dollars, percent, points, UNKNOWN } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import { oneLine } from "../text/shown.js";
import type { Cell, TableData } from "./data.js";
import { infeasibleSentence, nameOf } from "./words.js";

/** Binding limits that sentences name at most; the table has all. */
const MOST_NAMED = 8;

/** Which limits hold a plan back and what each is worth: one sentence each. Empty without limits. */
export function limitSentences(plan: Pick<Plan, "constraints">, chosen: Chosen): string[] {
  const limits = own(chosen);
  if (limits.length === 0) return [];
  const binding = limits.filter(({ binds }) => binds);
  const kept = `The plan keeps ${limits.length === 1 ? "the limit" : `all ${limits.length} limits`}`;
  if (binding.length === 0) return [`${kept}; none of them costs anything.`];
  const more = binding.length - MOST_NAMED;
  return [
    `${kept}; ${binding.length === 1 ? "one of them holds" : `${binding.length} of them hold`} it back${more > 0 ? `, of which ${MOST_NAMED} are named here` : ""}.`,
    ...binding.slice(0, MOST_NAMED).map((limit) => bindingSentence(limit, plan, chosen)),
  ];
}

function bindingSentence(limit: Limit, { constraints }: Pick<Plan, "constraints">, chosen: Chosen): string {
  const constraint = constraints[limit.constraint];
  const step = isShare(constraint) ? "percentage point" : "percent";
  const change = limit.side === "atMost" ? `One more ${step} of` : `One ${step} less than`;
  const worth = worthOf(limit, constraint);
  const said =
    worth.dollars !== undefined
      ? `is worth ${dollars(worth.dollars)} at the same expected accuracy`
      : `raises the expected accuracy by ${brief(100 * worth.accuracy)} points at the same cost`;
  return `${change} "${nameOfLimit(limit)}" ${said}${withoutText(limit, chosen)}.`;
}

/** What the plan would be without a limit. */
function withoutText({ constraint }: Limit, chosen: Chosen): string {
  const other =
    "without" in chosen
      ? (chosen as PlanUnder).without?.find((one) => one.constraint === constraint)
      : undefined;
  if (other === undefined) return "";
  const cost = chosen.totalCost - other.totalCost;
  const accuracy = other.expectedAccuracy - chosen.expectedAccuracy;
  const money = `${dollars(Math.abs(cost))} ${cost >= 0 ? "less" : "more"}`;
  return `; without the limit the plan would cost ${money}, with ${points(accuracy)} of expected accuracy`;
}

type PlanUnder = Extract<ChoiceUnder, { status: "chosen" }>;

/** A step of a limit, and what it is worth at the margin: dollars, or accuracy where money buys none. */
function worthOf({ limit, price }: Limit, constraint: Constraint) {
  const step = isShare(constraint) ? 0.01 : Math.abs(limit) / 100 || 1;
  return Number.isFinite(price.dollars)
    ? { dollars: price.dollars * step, accuracy: price.accuracy * step }
    : { accuracy: price.accuracy * step };
}

/** Every limit: what is used of it, whether it binds, what a little more of it is worth, and the plan without it. Empty without limits. */
export function limitsTables({ choice, constraints }: Pick<Plan, "choice" | "constraints">): TableData[] {
  const limits = own(choice);
  if (limits.length === 0) return [];
  const isChosen = choice.status === "chosen";
  const without = isChosen && "without" in choice ? (choice.without ?? []) : [];
  const text =
    "Used: by the predictions. " +
    (isChosen
      ? "Binds: the limit holds the plan back. One percent is worth: what 1 % more of an upper limit, or 1 % less of a " +
        "lower one, saves at the same expected accuracy; of shares and accuracies, one percentage point. Without it: the " +
        "best plan with all other limits."
      : "No plan that keeps all limits was found: these are the figures of the nearest one.");
  return [
    {
      heading: "Limits",
      text,
      columns: [
        { title: "limit", unit: "text" },
        { title: "used", unit: "text" },
        ...(isChosen
          ? ([
              { title: "binds", unit: "text" },
              { title: "one percent is worth", unit: "dollars" },
              { title: "without it: cost", unit: "dollars" },
              { title: "without it: accuracy", unit: "percent" },
            ] as const)
          : ([{ title: "kept", unit: "text" }] as const)),
      ],
      rows: limits.map((limit): Cell[] => {
        const constraint = constraints[limit.constraint];
        const start = [nameOfLimit(limit), amountText(limit.value, constraint)];
        if (!isChosen) return [...start, limit.slack < 0 ? "no" : "yes"];
        const other = without.find((one) => one.constraint === limit.constraint);
        const worth = limit.binds ? (worthOf(limit, constraint).dollars ?? null) : null;
        return [
          ...start,
          limit.binds ? "yes" : "no",
          worth,
          other?.totalCost ?? null,
          other?.expectedAccuracy ?? null,
        ];
      }),
    },
  ];
}

/** Why there is no plan, a sentence each. */
export function failedSentences({ choice, constraints }: Plan, target: Target): string[] {
  if (choice.status === "chosen") return [];
  if (!("limits" in choice)) return [infeasibleSentence(target, choice.closest)];
  const missed = choice.limits.filter(({ slack }) => slack < 0);
  const amount = (value: number, constraint: number): string =>
    constraint < 0
      ? "budget" in target
        ? dollars(value)
        : percent(value)
      : amountText(value, constraints[constraint]);
  const nearest = missed.map(
    ({ name, constraint, value }) => `"${titleOf(name, constraint, target)}" (${amount(value, constraint)})`,
  );
  const { totalCost, expectedAccuracy } = choice.closest;
  const closest =
    `The nearest plan that was found costs ${dollars(totalCost)} for an expected accuracy of ${percent(expectedAccuracy)}` +
    (nearest.length === 0 ? "." : `, and misses ${nearest.join(", ")}.`);
  if (choice.status === "notFound") {
    return [
      "No plan was found that keeps every limit and meets the target, and no proof that there is none.",
      `If there is one, its expected accuracy is at most ${percent(choice.bound)} and it costs at least ${dollars(choice.costBound)}.`,
      closest,
    ];
  }
  const conflict = choice.conflict.map(({ name, constraint, by }) => {
    const alone = by > 0 ? `, which alone would have to move by at least ${amount(by, constraint)}` : "";
    return `"${titleOf(name, constraint, target)}"${alone}`;
  });
  return [
    `No allocation keeps every limit and meets the target (${nameOf(target)}): proven.`,
    `${conflict.length === 1 ? "This cannot be kept" : "These cannot be kept together"}: ${conflict.join("; ")}.`,
    closest,
  ];
}

/** The limits that are not the target's own. */
function own(choice: object): readonly Limit[] {
  return "limits" in choice ? (choice as PlanUnder).limits.filter(({ constraint }) => constraint >= 0) : [];
}

function nameOfLimit({ name }: Pick<Limit, "name">): string {
  return shownName(oneLine(name));
}

function titleOf(name: string, constraint: number, target: Target): string {
  return constraint < 0 ? nameOf(target) : nameOfLimit({ name });
}

function isShare(constraint: Constraint): boolean {
  return formOf(constraint) === "share" || constraint.measure === "accuracy";
}

/** A value in the unit of its limit. */
function amountText(value: number, constraint: Constraint): string {
  if (Number.isNaN(value)) return UNKNOWN;
  if (isShare(constraint)) return percent(value);
  const { measure } = constraint;
  if (measure === "cost") return dollars(value);
  if (typeof measure === "object" && "perModel" in measure) return `${brief(value)} s`;
  return count(value);
}
