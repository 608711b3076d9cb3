// Off-policy intervals against the truth on simulated logs; see README.md.
import { parseArgs } from "node:util";
import type { Estimate } from "../src/online/offPolicy/estimators.js";
import { estimatePolicy } from "../src/online/offPolicy/estimatePolicy.js";
import { choiceAt, logOf, NAMES, requestOf, truthOf } from "./feedback/logs.js";

const { values: given } = parseArgs({
  options: {
    logs: { type: "string", default: "100" },
    requests: { type: "string", default: "2000,10000,40000" },
    explore: { type: "string", default: "0.01,0.05" },
    lambda: { type: "string", default: "150" },
    target: { type: "string", default: "60,400" },
    judged: { type: "string", default: "1" },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);
const [logs, lambda, judged] = [Number(given.logs), Number(given.lambda), Number(given.judged)];
const targets = numbers(given.target);
const truths = truthOf(targets);
const ESTIMATORS = ["ips", "snips", "doublyRobust"] as const;

console.log(`${logs} logs a row, made at λ = ${lambda}; ${100 * judged} % of the answers judged`);
console.log(
  "held: intervals that hold the truth, of those given; width: mean, of scores in points, of costs in %\n",
);
console.log(
  [
    "requests",
    "explore",
    "target λ",
    "differs",
    "of",
    "given",
    ...ESTIMATORS.map((name) => `${name} held/width`),
  ].join("  "),
);
for (const requests of numbers(given.requests)) {
  for (const explore of numbers(given.explore)) {
    const figures = new Map<string, { given: number; held: number[]; width: number[] }>();
    const differs = new Map<number, number>();
    for (let seed = 1; seed <= logs; seed++) {
      const drawn = Array.from({ length: requests }, (_, q) => requestOf(seed, q));
      const log = { requests: logOf(drawn, { seed, lambda, explore, judged }) };
      for (const target of targets) {
        const estimate = estimatePolicy(log, ({ text }) => NAMES[choiceAt(target, drawn[Number(text)])]);
        differs.set(target, (differs.get(target) ?? 0) + estimate.differs / logs);
        for (const of of ["score", "cost"] as const) {
          const key = `${target} ${of}`;
          const row = figures.get(key) ?? { given: 0, held: [0, 0, 0], width: [0, 0, 0] };
          figures.set(key, row);
          const found = estimate[of];
          if (found.status !== "estimated") continue;
          const truth = truths.get(target)![of];
          row.given++;
          ESTIMATORS.forEach((name, k) => {
            const { low, high }: Estimate = found[name];
            if (low <= truth && truth <= high) row.held[k]++;
            row.width[k] += of === "score" ? 100 * (high - low) : (100 * (high - low)) / truth;
          });
        }
      }
    }
    for (const [key, { given: count, held, width }] of figures) {
      const [target, of] = key.split(" ");
      const cells = ESTIMATORS.map((_, k) =>
        count === 0 ? "–" : `${held[k]}/${count} ${(width[k] / count).toFixed(1)}`,
      );
      const share = `${(100 * differs.get(Number(target))!).toFixed(0)} %`;
      console.log(
        [
          String(requests).padStart(8),
          String(explore).padStart(7),
          target.padStart(8),
          share.padStart(7),
          of.padEnd(5),
          String(count).padStart(5),
          ...cells.map((cell) => cell.padStart(18)),
        ].join("  "),
      );
    }
  }
}
