// Installs the packed tarball in a project of its own and tries it on each runtime that the package names. A runtime
// comes from npm; one that cannot be fetched is skipped, and says so. `npm run test:runtimes`; what is built is packed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const INSTALL = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--silent"];

/** The solver and the indicators alone: also where there is no Node. */
const SOLVER = `
import { choose, solveFront } from "optllm/solve";
import { hypervolume } from "optllm/metrics";
const problem = {
  models: ["small", "large"],
  cost: Float32Array.of(1, 2, 1, 4),
  successProbability: Float32Array.of(0.5, 0.75, 0.5, 1),
};
const front = await solveFront(problem);
const { allocation, totalCost } = await choose(front, { budget: 5 });
const area = hypervolume({ cost: front.totalCost, accuracy: front.expectedAccuracy }, { cost: 7, accuracy: 0 });
console.log(allocation.join(" "), totalCost, area);
`;
const SOLVED = "0 1 5 3.25";

/** Threads, files and the shipped prices. */
const WHOLE = `
import { Pool, planAllocation, readDataset, readPrices, simulateProblem, solveFront } from "optllm";
const problem = simulateProblem({ queries: 300_000, models: 9, seed: 1 });
const pool = new Pool({ threads: 2 });
const [alone, together] = [await solveFront(problem), await solveFront(problem, { pool })];
await pool.close();
const rows = await readDataset("labelled.jsonl");
const { choice } = await planAllocation(rows, rows, { knee: true });
const { price } = (await readPrices()).find("gpt-4o");
console.log(alone.totalCost.every((cost, k) => cost === together.totalCost[k]), choice.status, price.model);
`;
const DONE = "true chosen openai/gpt-4o";

const NODE = { bin: "node", run: [] };
const RUNTIMES = [
  { name: "node@20.12.0", ...NODE },
  { name: "node@22", ...NODE },
  { name: "node@24", ...NODE },
  { name: "node@26", ...NODE },
  { name: "bun@1.4.5", bin: "bun", run: ["run"] },
  { name: "deno@2.9.6", bin: "deno", run: ["run", "--allow-read"] },
];

const folder = mkdtempSync(join(tmpdir(), "optllm-runtimes-"));
const project = join(folder, "user");
let failures = 0;
try {
  makeProject();
  for (const runtime of RUNTIMES) attempt(runtime);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;

function makeProject() {
  const packed = sh(
    "npm",
    ["pack", ROOT, "--ignore-scripts", "--silent", "--pack-destination", folder],
    folder,
  );
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name":"user","private":true,"type":"module"}');
  writeFileSync(join(project, "solver.js"), SOLVER);
  writeFileSync(join(project, "whole.js"), WHOLE);
  sh("npm", [...INSTALL, join(folder, packed.split("\n").pop())], project);
}

function attempt({ name, bin, run }) {
  let command;
  try {
    command = fetchRuntime(name, bin);
  } catch {
    console.log(`${name}: skipped, it cannot be fetched from npm here`);
    return;
  }
  try {
    expect(sh(command, [...run, "solver.js"], project), SOLVED);
    if (bin === "node") tryWhole(command);
    console.log(`${name}: ${sh(command, ["--version"], project).split("\n")[0]} works`);
  } catch (error) {
    failures++;
    console.error(`${name}: FAILED\n${error.stderr || error.message}`);
  }
}

function tryWhole(node) {
  const optllm = join(project, "node_modules/optllm/dist/src/cli/bin.js");
  sh(
    node,
    [optllm, ..."simulate --queries 300 --models 3 --seed 1 -q -o labelled.jsonl".split(" ")],
    project,
  );
  sh(node, [optllm, ..."front labelled.jsonl --labels labelled.jsonl -q -o front.csv".split(" ")], project);
  expect(sh(node, ["whole.js"], project), DONE);
}

/** Where the runtime is, after it has been installed in a folder of its own. */
function fetchRuntime(name, bin) {
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), '{"private":true}');
  sh("npm", [...INSTALL, name], place);
  const command = join(place, "node_modules/.bin", bin);
  sh(command, ["--version"], place);
  return command;
}

function expect(printed, expected) {
  if (printed !== expected) throw new Error(`printed ${printed}; expected ${expected}`);
}

function sh(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe" }).trim();
}
