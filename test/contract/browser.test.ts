import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as metrics from "../../src/entries/metrics.js";
import * as solve from "../../src/entries/solve.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { chromiumPath, launch } from "../report/html/chromium.js";
import { root } from "./surface.js";

/** Kilobytes of script, the WebAssembly core in it, as a server sends it: what loads first, and what loads in all. */
const LIMITS = { solve: [52, 86], metrics: [22, 22] };
type Entry = keyof typeof LIMITS;

/** An entry of the package as one script for a browser, that makes a global of the entry's name. */
async function bundle(entry: Entry): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "optllm/${entry}";`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: entry,
  });
  return outputFiles[0].text;
}

/** Kilobytes, compressed, of what names of an entry take: at first, and with what they load later. */
async function sizes(entry: Entry, names = "*"): Promise<[number, number]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from "optllm/${entry}";`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "esm",
    splitting: true,
    outdir: "out",
    metafile: true,
  });
  const size = new Map(
    outputFiles.map(({ path, contents }) => [
      relative("", path),
      gzipSync(contents, { level: 9 }).length / 1000,
    ]),
  );
  const reach = (file: string, isLater: boolean, files = new Set<string>()): Set<string> => {
    if (files.has(file)) return files;
    files.add(file);
    for (const { path, kind } of metafile.outputs[file].imports)
      if (isLater || kind !== "dynamic-import") reach(path, isLater, files);
    return files;
  };
  const sum = (isLater: boolean): number =>
    [...reach("out/stdin.js", isLater)].reduce((total, file) => total + size.get(file)!, 0);
  return [sum(false), sum(true)];
}

it.each(Object.keys(LIMITS) as Entry[])("bundles optllm/%s for a browser, small enough", async (entry) => {
  const [first, all] = await sizes(entry);
  console.log(
    `optllm/${entry}: ${first.toFixed(1)} kB of script and WebAssembly, gzip; ${all.toFixed(1)} in all`,
  );
  expect(first).toBeLessThan(LIMITS[entry][0]);
  expect(all).toBeLessThan(LIMITS[entry][1]);
});

it("bundles only the modules of the core that are used", async () => {
  const [front] = await sizes("solve", "{ solveFront, choose }");
  const [first, all] = await sizes("solve", "{ chooseUnder }");
  expect(front).toBeLessThan(39);
  expect(all).toBeGreaterThan(first + 10);
});

interface Work {
  models: string[];
  cost: number[];
  successProbability: number[];
}

/** What the solver answers, as plain data: the same function runs here and in the browser. */
async function answers(
  { solveFront, choose, chooseUnder, searchFront, allocateAt }: typeof solve,
  { hypervolume, idealNadir }: typeof metrics,
  { models, cost, successProbability }: Work,
) {
  const problem = {
    models,
    cost: Float32Array.from(cost),
    successProbability: Float32Array.from(successProbability),
  };
  const front = await solveFront(problem);
  const budget = (front.totalCost[0] + front.totalCost[front.totalCost.length - 1]) / 3;
  const choice = await choose(front, { budget });
  const share: solve.Constraint = { models: models.slice(0, 1), as: "share", atMost: 0.25 };
  const under = await chooseUnder(problem, [share], { budget });
  const sweep = await solveFront(problem, { algorithm: "optllm", gridNumber: 20 });
  const streamed = await solveFront({ models, blocks: () => [problem, problem] });
  const found = await searchFront(problem, { stepLimit: 20_000, restarts: 2, exactStates: 1000 });
  const points = { cost: front.totalCost, accuracy: front.expectedAccuracy };
  const { ideal, nadir } = idealNadir(points);
  const list = (values: ArrayLike<number>): number[] => Array.from(values);
  return {
    front: [list(front.totalCost), list(front.expectedAccuracy)],
    choice: choice.status === "chosen" && { ...choice, allocation: list(choice.allocation) },
    under: under.status === "chosen" && { ...under, allocation: list(under.allocation) },
    sweep: list(sweep.totalCost),
    streamed: list(streamed.totalCost),
    found: [list(found.totalCost), list(found.expectedAccuracy)],
    dearest: list(await allocateAt(problem, 0)),
    area: hypervolume(points, { cost: nadir.cost, accuracy: nadir.accuracy }),
    ideal,
  };
}

describe.skipIf(chromiumPath === undefined)("in Chromium", () => {
  const { models, cost, successProbability } = simulateProblem({ queries: 300, models: 5, seed: 4 });
  const work: Work = { models, cost: Array.from(cost), successProbability: Array.from(successProbability) };
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it("gives the answers that Node gives, in a page that may not share memory", async () => {
    const page = await browser.newPage();
    for (const entry of Object.keys(LIMITS) as Entry[])
      await page.addScriptTag({ content: await bundle(entry) });
    expect(await page.evaluate(() => typeof SharedArrayBuffer)).toBe("undefined");
    const expected = await answers(solve, metrics, work);
    expect(expected.front[0].length).toBeGreaterThan(500);
    expect(expected.found[0].length).toBeGreaterThan(expected.front[0].length);
    const script = `(${answers.toString()})(solve, metrics, ${JSON.stringify(work)})`;
    expect(await page.evaluate(script)).toEqual(JSON.parse(JSON.stringify(expected)));
  });
});
