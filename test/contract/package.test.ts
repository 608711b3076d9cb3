import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, type Installed } from "./packed.js";
import { root } from "./surface.js";

/** Kilobytes of the tarball. What is added to the package shows here. */
const LIMIT = 560;

const examples = existsSync(join(root, "examples"))
  ? readdirSync(join(root, "examples")).filter((name) => /\.(mjs|ts)$/.test(name))
  : [];

/** A program for each entry of the package, and what it prints. */
const PROGRAMS: [name: string, program: string, printed: string][] = [
  [
    "optllm",
    `import { choose, Pool, readPrices, simulateProblem, solveFront, type Problem } from "optllm";
     const problem: Problem = simulateProblem({ queries: 1000, models: 4, seed: 1 });
     const pool = new Pool({ threads: 2 });
     const choice = await choose(await solveFront(problem, { pool }), { knee: true }, { pool });
     await pool.close();
     const { price } = (await readPrices()).find("gpt-4o");
     console.log(choice.status, price.model);`,
    "chosen openai/gpt-4o",
  ],
  [
    "optllm, threads that share the work",
    `import { Pool, simulateProblem, solveFront } from "optllm";
     const problem = simulateProblem({ queries: 300_000, models: 9, seed: 1 });
     const pool = new Pool({ threads: 2 });
     const [alone, together] = await Promise.all([solveFront(problem), solveFront(problem, { pool })]);
     await pool.close();
     console.log(alone.totalCost.every((cost, k) => cost === together.totalCost[k]));`,
    "true",
  ],
  [
    "optllm/solve",
    `import { choose, solveFront, InputError, type Choice, type Problem } from "optllm/solve";
     const problem: Problem = {
       models: ["small", "large"],
       cost: Float32Array.of(1, 2, 1, 4),
       successProbability: Float32Array.of(0.5, 0.75, 0.5, 1),
     };
     const choice: Choice = await choose(await solveFront(problem), { budget: 5 });
     if (choice.status === "chosen") console.log([...choice.allocation], choice.totalCost);
     await solveFront({ ...problem, models: [] }).catch((error) => console.log(error instanceof InputError));`,
    "[ 0, 1 ] 5\ntrue",
  ],
  [
    "optllm/metrics",
    `import { hypervolume, type PointSet } from "optllm/metrics";
     const points: PointSet = { cost: Float64Array.of(1, 2), accuracy: Float64Array.of(0.5, 1) };
     console.log(hypervolume(points, { cost: 3, accuracy: 0 }));`,
    "1.5",
  ],
  [
    "optllm/report",
    `import { planAllocation, simulate, type Dataset, type Target } from "optllm";
     import { reportPage, solveReport } from "optllm/report";
     const { models, rows } = simulate({ queries: 60, models: 3, seed: 1 });
     const all = [...rows()];
     const work: Dataset = {
       models,
       ids: all.map(({ id }) => id),
       queries: all.map(({ query }) => query),
       cost: Float32Array.from(all.flatMap(({ cost }) => [...cost])),
       outcome: Float32Array.from(all.flatMap(({ score }) => [...score])),
     };
     const target: Target = { matchBest: true };
     const plan = await planAllocation(work, work, target, { predictor: "base-rate" });
     const origin = { command: "node report.ts", inputs: [] };
     const data = await solveReport(plan, { work, source: work, target, seed: 1, origin });
     console.log((await reportPage(data)).slice(0, 15), data.title);`,
    "<!doctype html> Allocation of 60 queries to 3 models",
  ],
];

const fileOf = (name: string): string => name.replace(/\W+/g, "-");

describe("the packed tarball, installed elsewhere", () => {
  let user: Installed;
  beforeAll(() => {
    user = install();
    for (const types of ["@types", "undici-types"]) {
      cpSync(join(root, "node_modules", types), join(user.folder, "node_modules", types), {
        recursive: true,
      });
    }
    if (examples.length > 0)
      cpSync(join(root, "examples"), join(user.folder, "examples"), { recursive: true });
    for (const [name, program] of PROGRAMS) user.write(`${fileOf(name)}.ts`, program);
    const compilerOptions = {
      module: "nodenext",
      target: "es2022",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmitOnError: true,
    };
    user.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts", "examples/*.ts"] }));
  });
  afterAll(() => user.remove());

  it("has types that a strict user can compile against", () => {
    user.run("node", join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  });

  it("has types that need no library dom", () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    user.run("node", tsc, "-p", ".", "--lib", "es2023", "--noEmit");
  });

  it.each(PROGRAMS)("serves %s", (name, _, printed) => {
    expect(user.run("node", `${fileOf(name)}.js`).trim()).toBe(printed);
  });

  it.each(examples)("runs the example %s", (name) => {
    expect(user.run("node", join("examples", name.replace(/\.ts$/, ".js")))).not.toBe("");
  });

  it("has a command", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(user.run("npx", "optllm", "--version").trim()).toBe(version);
  });

  it("holds no sources, tests or data", () => {
    const files = user.run("find", "node_modules/optllm", "-type", "f").split("\n");
    const unwanted = /\/(test|bench|paper|lab|shared|golden)\/|\.npy|debug\.wasm/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("stays small", () => {
    const size = user.bytes / 1000;
    console.log(`the packed tarball: ${size.toFixed(0)} kB`);
    expect(size).toBeLessThan(LIMIT);
  });
});
