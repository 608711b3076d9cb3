import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as layout from "../../assembly/layout.js";
import { CONSTRAINTS } from "../../build/embedded/constraints.js";
import { PREDICT } from "../../build/embedded/predict.js";
import { SOLVE } from "../../build/embedded/solve.js";
import { Core } from "../../src/core/core.js";
import * as carried from "../../src/core/module.js";
import type { Part } from "../../src/core/module.js";
import { scanBuckets, sumHulls } from "../../src/core/solve/buckets.js";
import { compileCore, type Build } from "../builds.js";
import { CoreError } from "../../src/errors.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { sharedCore } from "../../src/pool/cores.js";
import { simulateProblem } from "../../src/simulate/simulate.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each module of the core exports. */
const KERNELS: Record<Part, string[]> = {
  constraints: [
    "abi",
    "findCandidates",
    "forbid",
    "heapBase",
    "memory",
    "part",
    "rebuildSteps",
    "repair",
    "roundPass",
    "searchAll",
    "seedRandom",
    "smoothPass",
    "splitPass",
  ],
  predict: [
    "abi",
    "addReplicate",
    "addTransposedTimes",
    "applyTrees",
    "combineColumns",
    "countVotes",
    "findNearest",
    "gramMatrix",
    "growTree",
    "heapBase",
    "innerProducts",
    "keptBytes",
    "memory",
    "multiply",
    "part",
    "robustScores",
    "seedRandom",
    "sparseScratchBytes",
    "sparseTexts",
    "stepColumns",
    "sumScratchBytes",
    "sumTexts",
    "timesFound",
    "timesMatrix",
    "timesSmall",
    "timesSquare",
    "toProbabilities",
    "toUnitLength",
  ],
  solve: [
    "abi",
    "addAllocated",
    "additiveEpsilon",
    "allFinite",
    "allocateAtPrice",
    "allocateCheapest",
    "allocateMostProbable",
    "allocateWide",
    "beginSweep",
    "destroy",
    "extendStates",
    "firstBucket",
    "forbid",
    "heapBase",
    "hypervolume",
    "igd",
    "igdSorted",
    "insertPoint",
    "lastBucket",
    "listSteps",
    "markFront",
    "memory",
    "narrow",
    "nextUint32",
    "nextUniform",
    "part",
    "rankPoints",
    "rebuild",
    "scanBuckets",
    "scanPrices",
    "scanSteps",
    "searchSteps",
    "seedRandom",
    "sortCountBytes",
    "sortFalling",
    "sortPoints",
    "spread",
    "sumAllocated",
    "sumHulls",
    "sumWideHulls",
  ],
};
const PARTS = Object.keys(KERNELS) as Part[];

describe.each(["debug", "release"] as Build[])("the %s build", (build) => {
  it.each(PARTS)("exports the kernels and nothing else: %s", (part) => {
    const names = WebAssembly.Module.exports(compileCore(build, part)).map(({ name }) => name);
    expect(names.sort()).toEqual(KERNELS[part]);
  });

  it.each(PARTS)("imports nothing but the report of a failed assertion: %s", (part) => {
    const names = WebAssembly.Module.imports(compileCore(build, part)).map(({ name }) => name);
    expect(names).toEqual(build === "debug" ? ["abort"] : []);
  });

  it("keeps its memory flat over 200 passes", () => {
    const core = new Core(compileCore(build, "solve"));
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
    .forEach((line) => expect(line).toMatch(/^export const [A-Z_]+ = -?\d+(e-?\d+)?;$/));
});

describe("the structs that kernels take", () => {
  const declared = PARTS.map((part) =>
    readFileSync(join(root, "build", "kernels", `${part}.d.ts`), "utf8"),
  ).join("");
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
    const all = Object.values(KERNELS).flatMap((names) => names.filter((name) => name !== "memory"));
    expect(counts.map(({ name }) => name).sort()).toEqual(all.sort());
    expect(counts.filter(({ count }) => count > 6)).toEqual([]);
  });

  it("leave no kernel a global that changes between calls", () => {
    const sources = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, "assembly", file), "utf8"));
    expect(sources.flatMap((text) => text.match(/^(export )?let .*/gm) ?? [])).toEqual([]);
  });
});

it("names the place of an assertion that fails", () => {
  const { multiply } = carried.instantiate(compileCore("debug", "predict"));
  expect(() => multiply(0, 0, 0, 1, 1, 3)).toThrow(/ at assembly\/predict\/multiply.ts:8:\d+$/);
});

describe("the core that the package carries", () => {
  it.each(Object.entries({ solve: SOLVE, constraints: CONSTRAINTS, predict: PREDICT }))(
    "is the release build: %s",
    (part, digits) => {
      const built = readFileSync(join(root, "build", "release", `${part}.wasm`));
      expect(digits).toBe(built.toString("hex"));
    },
  );

  it.each(PARTS)("can be replaced by one that the caller serves: %s", async (part) => {
    const release = compileCore("release", part);
    const bytes = readFileSync(join(root, "build", "debug", `${part}.wasm`));
    const url = new URL(`data:application/wasm;base64,${bytes.toString("base64")}`);
    // Only the debug build imports something, the report of a failed assertion.
    const isDebug = () => WebAssembly.Module.imports(carried.loadedModules()[part]!).length === 1;
    for (const source of [bytes, url, fetch(url), await fetch(url), new WebAssembly.Module(bytes)]) {
      await carried.loadCore(release);
      expect(isDebug()).toBe(false);
      await carried.loadCore(source);
      expect(isDebug()).toBe(true);
    }
    await carried.loadCore(release);
  });

  // A valid module whose abi() returns 0.
  const stale = Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0],
    ...[7, 7, 1, 3, 97, 98, 105, 0, 0, 10, 6, 1, 4, 0, 65, 0, 11],
  );

  it("refuses what is no core or another version's", async () => {
    await expect(carried.loadCore(Uint8Array.of(1, 2, 3))).rejects.toThrow(
      /cannot load the WebAssembly core: /,
    );
    await expect(carried.loadCore(new URL("data:text/plain,none"))).rejects.toBeInstanceOf(CoreError);
    await expect(carried.loadCore(stale)).rejects.toThrow(/stale \(version 0.*npm run build:core/);
    const missing = new Response("none", { status: 404 });
    await expect(carried.loadCore(missing)).rejects.toThrow(/the server answered 404/);
    expect(() => carried.instantiate(new WebAssembly.Module(stale))).toThrow(/stale \(version 0/);
  });
});
