import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the packed tarball, installed elsewhere", () => {
  const folder = mkdtempSync(join(tmpdir(), "optllm-pack-"));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  beforeAll(() => {
    // `--ignore-scripts`: the tests run on what is built already.
    const packed = execFileSync(
      "npm",
      ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "user", private: true, type: "module" }),
    );
    run(
      "npm",
      "install",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      `./${packed.trim().split("\n").pop()}`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("solves from the package's root export, also on threads", () => {
    writeFileSync(
      join(folder, "use.js"),
      `import { choose, Pool, simulateProblem, solveFront } from "optllm";
       const problem = simulateProblem({ queries: 1000, models: 4, seed: 1 });
       const pool = new Pool({ threads: 2 });
       const choice = await choose(await solveFront(problem, { pool }), { knee: true }, { pool });
       await pool.close();
       console.log(choice.status);`,
    );
    expect(run("node", "use.js")).toBe("chosen\n");
  });

  it("knows the shipped prices", () => {
    writeFileSync(
      join(folder, "prices.js"),
      `import { readPrices } from "optllm";
       console.log((await readPrices()).find("gpt-4o").price.model);`,
    );
    expect(run("node", "prices.js")).toBe("openai/gpt-4o\n");
  });

  it("has types that a strict user can compile against", () => {
    writeFileSync(
      join(folder, "use.ts"),
      `import { choose, solveFront, type Problem } from "optllm";
       const problem: Problem = { models: ["a"], cost: Float32Array.of(1), successProbability: Float32Array.of(1) };
       const choice = await choose(await solveFront(problem), { budget: 1 });
       if (choice.status === "chosen") { const gap: number = choice.gap; console.log(gap); }`,
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    run(
      "node",
      tsc,
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",

      "use.ts",
    );
  });

  it("has a command", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(run("npx", "optllm", "--version").trim()).toBe(version);
  });

  it("holds no sources, tests or data", () => {
    const files = run("find", "node_modules/optllm", "-type", "f").split("\n");
    expect(files.filter((file) => /\/(test|bench|shared|golden)\/|\.npy|debug\.wasm/.test(file))).toEqual([]);
  });
});
