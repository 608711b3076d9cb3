import type { Plan } from "../../plan/plan.js";
import type { Chosen } from "../../solve/choice.js";
import type { ChosenUnder, InfeasibleUnder, Limit, NotFound } from "../../solve/constraints/result.js";
import type { Objective } from "../../solve/objective.js";
import type { Target } from "../../solve/target.js";
import { brief, dollars, percent, points } from "../../text/amounts.js";
import { infeasibleSentence, nameOf } from "../words.js";
import { amountText, limitsIn, missedText, nameOfLimit, targetText, worthOf } from "./amounts.js";

/** Binding limits that sentences name at most; the table has all. */
const MOST_NAMED = 8;

/** Which limits hold a plan back and what each is worth: one sentence each. Empty without limits. */
export function limitSentences(plan: Pick<Plan, "constraints">, chosen: Chosen, target: Target): string[] {
  const limits = limitsIn(chosen);
  if (limits.length === 0) return [];
  const binding = limits.filter(({ binds }) => binds);
  const all =
    limits.length === 1 ? "the limit" : limits.length === 2 ? "both limits" : `all ${limits.length} limits`;
  const knee = "knee" in target ? " The knee is that of the front under the limits." : "";
  if (binding.length === 0) {
    const which =
      limits.length === 1
        ? "which does not hold"
        : `${limits.length === 2 ? "neither" : "none"} of which holds`;
    return [`The plan keeps ${all}, ${which} it back here.${knee}`];
  }
  const more = binding.length - MOST_NAMED;
  const held =
    limits.length === 1 ? ", which holds it back" : `; ${heldBy(binding.length, limits.length)} it back`;
  return [
    `The plan keeps ${all}${held}${more > 0 ? `, of which ${MOST_NAMED} are named here` : ""}.${knee}`,
    ...binding.slice(0, MOST_NAMED).map((limit) => bindingSentence(limit, plan, chosen)),
  ];
}

function heldBy(binding: number, all: number): string {
  if (binding === 1) return "one of them holds";
  if (binding < all) return `${binding} of them hold`;
  return all === 2 ? "both hold" : "all of them hold";
}

function bindingSentence(limit: Limit, { constraints }: Pick<Plan, "constraints">, chosen: Chosen): string {
  const worth = worthOf(limit, constraints[limit.constraint]);
  const change = limit.side === "atMost" ? `One more ${worth.step} of` : `One ${worth.step} less than`;
  const said =
    worth.dollars !== undefined
      ? `is worth ${worth.text} at the same expected accuracy`
      : `raises the expected accuracy by ${brief(100 * worth.accuracy)} points at the same cost`;
  return `${change} "${nameOfLimit(limit)}" ${said}${withoutText(limit, chosen)}.`;
}

/** What the plan would be without a limit. */
function withoutText({ constraint }: Limit, chosen: Chosen): string {
  const without = "without" in chosen ? (chosen as ChosenUnder).without : undefined;
  const other = without?.find((one) => one.constraint === constraint);
  if (other === undefined) return "";
  return `; without the limit the plan would ${changeText(chosen, other)}`;
}

/** Costs that differ by a smaller part are the same to a reader. */
const SAME_COST = 1e-3;

/** What another plan would be, after "would". */
function changeText(chosen: Objective, other: Objective): string {
  const saved = chosen.totalCost - other.totalCost;
  const gained = other.expectedAccuracy - chosen.expectedAccuracy;
  const isSameCost = Math.abs(saved) <= SAME_COST * chosen.totalCost;
  const size = points(Math.abs(gained));
  // What rounds to nothing has no sign.
  const accuracy = size.startsWith("+") ? `be ${size.slice(1)} ${gained > 0 ? "more" : "less"} accurate` : "";
  const money = `cost ${dollars(Math.abs(saved))} ${saved > 0 ? "less" : "more"}`;
  if (isSameCost) return accuracy === "" ? "be hardly better" : `${accuracy} at the same cost`;
  return accuracy === "" ? `${money} at the same expected accuracy` : `${money} and ${accuracy}`;
}

/** Why there is no plan, a sentence each. */
export function failedSentences(
  { choice, constraints }: Pick<Plan, "choice" | "constraints">,
  target: Target,
): string[] {
  if (choice.status === "chosen") return [];
  if (!("limits" in choice)) return [infeasibleSentence(target, choice.closest)];
  const words = new Words(constraints, target);
  const nearest = words.nearest(choice);
  if (choice.status === "infeasible") return [...words.conflict(choice), nearest];
  return [
    "No plan was found that keeps every limit and meets the target, and no proof that there is none.",
    `If there is one, its expected accuracy is at most ${percent(choice.bound)} and it costs at least ${dollars(choice.costBound)}.`,
    nearest,
  ];
}

class Words {
  constructor(
    private readonly constraints: Plan["constraints"],
    private readonly target: Target,
  ) {}

  /** What conflicts, and where a limit would have to be if it alone gave way. */
  conflict({ conflict }: InfeasibleUnder): string[] {
    if (conflict.length === 1) return [this.impossible(conflict[0])];
    const moves = conflict.flatMap((one) =>
      one.by === undefined ? [] : `${this.title(one)} would have to be ${this.needed(one, one.by)}`,
    );
    const unknown = conflict.filter(({ by }) => by === undefined).map((one) => this.title(one));
    return [
      `No allocation keeps every limit and meets the target (${nameOf(this.target)}): proven.`,
      `These cannot be kept together: ${conflict.map((one) => this.title(one)).join(", ")}.`,
      ...(moves.length === 0 ? [] : [`If one alone gives way: ${moves.join("; ")}.`]),
      ...(unknown.length === 0 ? [] : [`By how much is not known of ${unknown.join(", ")}.`]),
    ];
  }

  private impossible(one: InfeasibleUnder["conflict"][number]): string {
    const what =
      one.constraint < 0
        ? `meets the target (${nameOf(this.target)}), even without the limits`
        : `keeps ${this.title(one)}, even alone`;
    const needed = one.by === undefined ? "" : `; it would have to be ${this.needed(one, one.by)}`;
    return `No allocation ${what}: proven${needed}.`;
  }

  private needed({ constraint, side, limit }: InfeasibleUnder["conflict"][number], by: number): string {
    const isUpper = side === "atMost";
    const value = isUpper ? limit + by : limit - by;
    const amount =
      constraint < 0
        ? targetText(value, this.target)
        : amountText(value, this.constraints[constraint], isUpper ? "up" : "down");
    return `at ${isUpper ? "least" : "most"} ${amount}`;
  }

  /** The plan of least violation, and what it misses. */
  nearest({ closest, limits }: InfeasibleUnder | NotFound): string {
    const missed = limits
      .filter(({ slack }) => slack < 0)
      .map((one) => {
        const amount =
          one.constraint < 0
            ? missedText(one, "budget" in this.target ? { measure: "cost" } : { measure: "accuracy" })
            : missedText(one, this.constraints[one.constraint]);
        return `${this.title(one)} (${amount})`;
      });
    return (
      `The nearest plan that was found costs ${dollars(closest.totalCost)} for an expected accuracy of ` +
      `${percent(closest.expectedAccuracy)}${missed.length === 0 ? "" : `, and misses ${missed.join(", ")}`}.`
    );
  }

  private title({ name, constraint }: Pick<Limit, "name" | "constraint">): string {
    return constraint < 0 ? nameOf(this.target) : `"${nameOfLimit({ name })}"`;
  }
}
