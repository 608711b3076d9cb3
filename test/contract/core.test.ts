import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import * as layout from "../../assembly/layout.js";
import { Core } from "../../src/core/core.js";
import { scanBuckets, sumHulls } from "../../src/core/solve/buckets.js";
import { compileCore, type Build } from "../../src/core/module.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { sharedCore } from "../../src/pool/pool.js";
import { simulateProblem } from "../../src/simulate/simulate.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const KERNELS = [
  "abi",
  "addAllocated",
  "addReplicate",
  "addTransposedTimes",
  "additiveEpsilon",
  "allFinite",
  "allocateAtPrice",
  "allocateCheapest",
  "allocateMostProbable",
  "applyTrees",
  "beginSweep",
  "countVotes",
  "destroy",
  "extendStates",
  "findForbidden",
  "findInvalid",
  "findNearest",
  "firstBucket",
  "forbid",
  "gramMatrix",
  "growTree",
  "heapBase",
  "hypervolume",
  "igd",
  "igdSorted",
  "innerProducts",
  "insertPoint",
  "keptBytes",
  "lastBucket",
  "listSteps",
  "markFront",
  "memory",
  "multiply",
  "nextUint32",
  "nextUniform",
  "rankPoints",
  "rebuild",
  "robustScores",
  "scanBuckets",
  "scanPrices",
  "scanSteps",
  "searchSteps",
  "seedRandom",
  "sortCountBytes",
  "sortFalling",
  "sortPoints",
  "sparseScratchBytes",
  "sparseTexts",
  "spread",
  "sumAllocated",
  "sumHulls",
  "sumScratchBytes",
  "sumTexts",
  "timesFound",
  "timesMatrix",
  "timesSmall",
  "toProbabilities",
  "toUnitLength",
];

describe.each(["debug", "release"] as Build[])("the %s build", (build) => {
  it("exports the kernels and nothing else", () => {
    const names = WebAssembly.Module.exports(compileCore(build)).map(({ name }) => name);
    expect(names.sort()).toEqual(KERNELS);
  });

  it("imports nothing but the report of a failed assertion", () => {
    const names = WebAssembly.Module.imports(compileCore(build)).map(({ name }) => name);
    expect(names).toEqual(build === "debug" ? ["abort"] : []);
  });

  it("keeps its memory flat over 200 passes", () => {
    const core = Core.of(build);
    const { models, cost, successProbability } = simulateProblem({ queries: 3000, models: 7, seed: 1 });
    const matrices = { models: models.length, cost, successProbability };
    const pass = () => scanBuckets(core, sumHulls(core, matrices, 0, 3000), 3000);
    pass();
    const before = core.memoryBytes;
    for (let k = 0; k < 200; k++) pass();
    expect(core.memoryBytes).toBe(before);
    expect(before).toBeLessThan(8 * 2 ** 20);
  });
});

it("keeps the memory of the calling thread flat over 200 solves", async () => {
  const problem = simulateProblem({ queries: 500, models: 5, seed: 2 });
  const solve = async () => choose(await solveFront(problem), { knee: true });
  await solve();
  const before = sharedCore().memoryBytes;
  for (let k = 0; k < 200; k++) await solve();
  expect(sharedCore().memoryBytes).toBe(before);
});

it("has a layout of numbers and names alone, so that both compilers can read it", () => {
  const text = readFileSync(join(root, "assembly", "layout.ts"), "utf8");
  // Members have no values of their own: both compilers number them from 0.
  const code = text.replace(/^export enum [A-Z]\w+ \{\n(?: {2}\w+,\n)+\}$/gm, "").split("\n");
  code
    .filter((line) => line !== "" && !line.startsWith("//") && !line.startsWith("/**"))
    .forEach((line) => expect(line).toMatch(/^export const [A-Z_]+ = \d+;$/));
});

describe("the structs that kernels take", () => {
  const declared = readFileSync(join(root, "build", "kernels.d.ts"), "utf8");
  const records = new Map(
    [...declared.matchAll(/^\/\*\* (\S+) \*\/\ndeclare interface \w+<TOmittable> \{\n([^}]*)\}/gm)].map(
      ([, path, body]) => [
        path,
        [...body.matchAll(/@type `(\S+)` \*\/\s+(\w+):/g)].map(([, type, name]) => ({ type, name })),
      ],
    ),
  );
  const taken = [...declared.matchAll(/@param \w+ `(assembly\/\S+)`/g)].map(([, path]) => path);
  const nameOf = (path: string): string => path.split("/").pop() as string;
  const structs = Object.entries<object | number>({ ...layout }).filter(
    ([, value]) => typeof value === "object",
  );
  const fieldsOf = (name: string): string[] =>
    Object.keys(new Map(structs).get(name) ?? {}).filter((key) => !/^\d+$/.test(key));

  it.each([...new Set(taken)])("%s has the fields of the layout, in its order, a word each", (path) => {
    const fields = records.get(path) ?? [];
    expect(fields.map(({ name }) => name)).toEqual(fieldsOf(nameOf(path)));
    fields.forEach(({ type }) => expect(type).toMatch(/^(usize|i32|u32|f32|assembly\/\S+)$/));
  });

  it("are all structs of the layout", () => {
    expect(structs.map(([name]) => name).sort()).toEqual([...new Set(taken.map(nameOf))].sort());
  });

  it("leave no kernel more than six arguments", () => {
    const counts = [...declared.matchAll(/^ {2}export function (\w+)\(([^)]*)\)/gm)].map(
      ([, name, list]) => ({
        name,
        count: list === "" ? 0 : list.split(",").length,
      }),
    );
    expect(counts.map(({ name }) => name).sort()).toEqual(KERNELS.filter((name) => name !== "memory"));
    expect(counts.filter(({ count }) => count > 6)).toEqual([]);
  });

  it("leave no kernel a global that changes between calls", () => {
    const sources = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, "assembly", file), "utf8"));
    expect(sources.flatMap((text) => text.match(/^(export )?let .*/gm) ?? [])).toEqual([]);
  });
});

describe("a package without a fitting core", () => {
  const folder = mkdtempSync(join(tmpdir(), "optllm-core-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  cpSync(
    join(root, "node_modules", "@assemblyscript", "loader"),
    join(folder, "node_modules/@assemblyscript/loader"),
    {
      recursive: true,
    },
  );
  const load = async () => {
    const url = pathToFileURL(join(folder, "dist/src/core/module.js")).href;
    return (await import(/* @vite-ignore */ url)) as typeof import("../../src/core/module.js");
  };

  it("names the command to run when the file is missing", async () => {
    const { compileCore } = await load();
    expect(() => compileCore("release")).toThrow(/build\/release\.wasm: run "npm run build:release"/);
  });

  it("names the command to run when the file is stale or damaged", async () => {
    const { compileCore, instantiateCore } = await load();
    cpSync(join(root, "build"), join(folder, "build"), { recursive: true });
    writeFileSync(join(folder, "build/debug.wasm"), "no wasm");
    expect(() => compileCore("debug")).toThrow(/run "npm run build:debug"/);
    // A valid module whose abi() returns 0.
    const stale = Uint8Array.of(
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0],
      ...[7, 7, 1, 3, 97, 98, 105, 0, 0, 10, 6, 1, 4, 0, 65, 0, 11],
    );
    expect(() => instantiateCore(new WebAssembly.Module(stale))).toThrow(
      /stale \(version 0.*npm run build:core/,
    );
  });
});
