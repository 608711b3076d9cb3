// Off-policy intervals against the truth on simulated logs; see README.md.
import { parseArgs } from "node:util";
import { coverageOf, ESTIMATORS } from "./feedback/coverage.js";

const { values: given } = parseArgs({
  options: {
    logs: { type: "string", default: "100" },
    requests: { type: "string", default: "5000,10000,40000" },
    explore: { type: "string", default: "0.01,0.05" },
    lambda: { type: "string", default: "150" },
    target: { type: "string", default: "60,400" },
    judged: { type: "string", default: "1" },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);
const [logs, lambda, judged] = [Number(given.logs), Number(given.lambda), Number(given.judged)];

console.log(`${logs} logs a row, made at λ = ${lambda}; ${100 * judged} % of the answers judged`);
console.log("held / given, in brackets the mean width: of scores in points, of costs in %\n");
console.log(`| requests | explore | target λ | differs | mean  | ${ESTIMATORS.join(" | ")} |`);
console.log("| -------- | ------- | -------- | ------- | ----- | --- | ----- | ------------- |");
const rows = coverageOf({
  logs,
  requests: numbers(given.requests),
  explore: numbers(given.explore),
  lambda,
  targets: numbers(given.target),
  judged,
});
for (const { requests, explore, target, of, differs, given: estimates, held, width } of rows) {
  const cells = ESTIMATORS.map((_, k) =>
    estimates === 0 ? "none given" : `${held[k]}/${estimates} (${width[k].toFixed(1)})`,
  );
  const share = `${(100 * differs).toFixed(0)} %`;
  console.log(`| ${[requests.toLocaleString("en"), explore, target, share, of, ...cells].join(" | ")} |`);
}
