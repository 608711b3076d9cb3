import type { Estimate } from "../../src/online/offPolicy/estimators.js";
import { estimatePolicy } from "../../src/online/offPolicy/estimatePolicy.js";
import { NAMES } from "../month/traffic.js";
import { choiceAt, logOf, poolOf, truthOf } from "./logs.js";

export const ESTIMATORS = ["ips", "snips", "doublyRobust"] as const;

export interface CoverageOptions {
  /** Logs of each kind. */
  logs: number;
  /** Lengths of the logs, in requests: the shorter ones are beginnings of the longest. */
  requests: readonly number[];
  /** Shares of the requests that exploration takes. */
  explore: readonly number[];
  /** The λ that makes the logs, and those that are estimated; probability per dollar. */
  lambda: number;
  targets: readonly number[];
  /** Share of the answers that is judged. */
  judged: number;
}

/** How often the 95 % intervals of a kind of log hold the truth. Lists are by estimator. */
export interface Coverage {
  requests: number;
  explore: number;
  target: number;
  of: "score" | "cost";
  /** Share of the requests for which the target chooses another model than the log. */
  differs: number;
  /** Logs for which there was an estimate, and not "not enough overlap". */
  given: number;
  /** Of these, those whose interval holds the truth. */
  held: number[];
  /** Mean width of the interval: of a score in points, of a cost in % of the truth. */
  width: number[];
}

/** Makes logs with the router itself, and holds the estimates of other λ against their truth. */
export function coverageOf({
  logs,
  requests,
  explore,
  lambda,
  targets,
  judged,
}: CoverageOptions): Coverage[] {
  const pool = poolOf();
  const choices = new Map(
    targets.map((target) => [target, Uint8Array.from(pool, (one) => choiceAt(target, one))]),
  );
  const truths = new Map(targets.map((target) => [target, truthOf(pool, choices.get(target)!)]));
  const rows = requests.flatMap((n) =>
    explore.flatMap((share) =>
      targets.flatMap((target) =>
        (["score", "cost"] as const).map((of): Coverage => ({
          requests: n,
          explore: share,
          target,
          of,
          differs: 0,
          given: 0,
          held: [0, 0, 0],
          width: [0, 0, 0],
        })),
      ),
    ),
  );
  for (let seed = 1; seed <= logs; seed++) {
    for (const share of explore) {
      const options = { requests: Math.max(...requests), seed, lambda, explore: share, judged };
      const log = logOf(pool, options);
      for (const target of targets) {
        const choose = ({ text }: { text?: string }): string => NAMES[choices.get(target)![Number(text)]];
        for (const n of requests) {
          const estimate = estimatePolicy({ requests: log.slice(0, n) }, choose);
          for (const row of rows) {
            if (row.requests !== n || row.explore !== share || row.target !== target) continue;
            row.differs += estimate.differs / logs;
            const found = estimate[row.of];
            if (found.status === "estimated") add(row, found, truths.get(target)![row.of]);
          }
        }
      }
    }
  }
  for (const row of rows) row.width = row.width.map((sum) => sum / row.given);
  return rows;
}

function add(row: Coverage, found: Record<(typeof ESTIMATORS)[number], Estimate>, truth: number): void {
  row.given++;
  ESTIMATORS.forEach((name, k) => {
    const { low, high } = found[name];
    if (low <= truth && truth <= high) row.held[k]++;
    row.width[k] += (100 * (high - low)) / (row.of === "score" ? 1 : truth);
  });
}
