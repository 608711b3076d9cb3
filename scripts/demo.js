// Simulates a workload, plans it and says what to do. Run by `npm run demo`; the files are in out/.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Runs one command line of optllm. Progress goes to this terminal. */
function optllm(line) {
  console.log(`$ optllm ${line}`);
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
  const { status, stdout } = spawnSync(
    process.execPath,
    ["dist/src/cli/bin.js", ...line.split(" ")],
    options,
  );
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

mkdirSync("out", { recursive: true });
optllm(
  "simulate --queries 10000 --models 12 --seed 1 --labels out/sample.jsonl --labelled 300 -o out/work.jsonl",
);
const plan = optllm(
  "solve out/work.jsonl --labels out/sample.jsonl --match-best -o out/allocation.jsonl --report out/report.html --json",
);
console.log(`\n${JSON.parse(plan).decision}`);
console.log("The allocation is in out/allocation.jsonl. Open out/report.html in a browser to look around.");
