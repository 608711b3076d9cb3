import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as metrics from "../../src/entries/metrics.js";
import * as solve from "../../src/entries/solve.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { chromiumPath, launch } from "../report/html/chromium.js";
import { root } from "./surface.js";

/** Kilobytes of script, the WebAssembly core in it, as a server sends it. */
const LIMITS = { solve: 88, metrics: 54 };
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

it.each(Object.keys(LIMITS) as Entry[])("bundles optllm/%s for a browser, small enough", async (entry) => {
  const script = await bundle(entry);
  const size = gzipSync(script, { level: 9 }).length / 1000;
  console.log(`optllm/${entry}: ${size.toFixed(1)} kB of script and WebAssembly, gzip`);
  expect(size).toBeLessThan(LIMITS[entry]);
});

interface Work {
  models: string[];
  cost: number[];
  successProbability: number[];
}

/** What the solver answers, as plain data: the same function runs here and in the browser. */
async function answers(
  { solveFront, choose, searchFront, allocateAt }: typeof solve,
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
  const sweep = await solveFront(problem, { algorithm: "optllm", gridNumber: 20 });
  const streamed = await solveFront({ models, blocks: () => [problem, problem] });
  const found = await searchFront(problem, { stepLimit: 20_000, restarts: 2, exactStates: 1000 });
  const points = { cost: front.totalCost, accuracy: front.expectedAccuracy };
  const { ideal, nadir } = idealNadir(points);
  const list = (values: ArrayLike<number>): number[] => Array.from(values);
  return {
    front: [list(front.totalCost), list(front.expectedAccuracy)],
    choice: choice.status === "chosen" && { ...choice, allocation: list(choice.allocation) },
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
