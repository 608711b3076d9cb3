import { count, dollars, percent } from "../../text/amounts.js";
import { oneLine } from "../../text/shown.js";
import { table, wrap } from "./table.js";

/** A mean with its 95 % interval. */
interface Estimate {
  estimate: number;
  low: number;
  high: number;
}

/** A mean by three estimators, or why there is none. */
type Outcome =
  | {
      status: "estimated";
      ips: Estimate;
      snips: Estimate;
      doublyRobust: Estimate;
      effectiveRequests: number;
    }
  | { status: "not enough overlap"; why: string };

/** What is shown of a policy on a log. */
export interface Replayed {
  requests: number;
  differs: number;
  explored: number;
  score: Outcome;
  cost: Outcome;
  shares: Record<string, number>;
}

type Text = (value: number) => string;
const NONE = "not enough overlap";
const ESTIMATORS = [
  ["doubly robust", "doublyRobust"],
  ["SNIPS", "snips"],
  ["IPS", "ips"],
] as const;

/** The logged policy and another side by side, then how sure the other's numbers are. */
export function replayText(
  logged: Replayed,
  other: { name: string; estimate: Replayed } | undefined,
): string {
  const columns = [
    ["logged policy", logged] as const,
    ...(other ? [[other.name, other.estimate] as const] : []),
  ];
  const all: Text = (mean) => dollars(mean * logged.requests);
  const row = (title: string, of: "score" | "cost", text: Text): string[] => [
    title,
    ...columns.flatMap(([, { [of]: outcome }]) => cells(outcome, text)),
  ];
  const names = [...new Set(columns.flatMap(([, { shares }]) => Object.keys(shares)))];
  const summary = table([
    [`${count(logged.requests)} requests`, ...columns.flatMap(([name]) => [oneLine(name), "95 % interval"])],
    row("mean score", "score", (x) => percent(x)),
    row("dollars a request", "cost", (x) => dollars(x)),
    row("dollars in all", "cost", all),
    ...names.map((name) => [
      `to ${oneLine(name)}`,
      ...columns.flatMap(([, { shares }]) => [percent(shares[name] ?? 0, 1), ""]),
    ]),
  ]);
  return other === undefined ? summary : `${summary}\n${evidence(other.estimate)}`;
}

function cells(outcome: Outcome, text: Text): [string, string] {
  if (outcome.status !== "estimated") return [NONE, ""];
  const { estimate, low, high } = outcome.doublyRobust;
  return [text(estimate), `${text(low)} … ${text(high)}`];
}

/** All estimators, and what they rest on. */
function evidence({ differs, explored, score, cost }: Replayed): string {
  const basis =
    `The other policy differs from the logged one in ${percent(differs, 1)} of the requests; ` +
    `${count(explored)} of these were answered by its model, by exploration. The first table is the doubly robust estimate.`;
  const reasons = [score, cost].flatMap((outcome, k) =>
    outcome.status === "estimated" ? [] : [`No estimate of the ${["score", "cost"][k]}: ${outcome.why}.`],
  );
  const rows = [
    ...rowsOf("score", score, (x) => percent(x)),
    ...rowsOf("dollars a request", cost, (x) => dollars(x)),
  ];
  const estimators =
    rows.length === 0
      ? ""
      : `${table([["estimator", "estimate", "95 % interval", "requests’ worth"], ...rows])}\n`;
  return estimators + wrap([basis, ...reasons].join(" "));
}

function rowsOf(title: string, outcome: Outcome, text: Text): string[][] {
  if (outcome.status !== "estimated") return [];
  return ESTIMATORS.map(([name, field]) => {
    const { estimate, low, high } = outcome[field];
    const worth = count(Math.round(outcome.effectiveRequests));
    return [`${title}, ${name}`, text(estimate), `${text(low)} … ${text(high)}`, worth];
  });
}
