import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCompare } from "../../../paper/command.js";
import { runCli } from "../../../src/cli/app.js";
import { isLong } from "../../runs.js";
import { chromiumPath, launch } from "./chromium.js";
import { open, overflow, pixelsOf, violations } from "./opened.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-recorded-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const silent = {
  out: () => undefined,
  err: () => undefined,
  isTerminal: false,
  signal: new AbortController().signal,
};
const run = (...argv: string[]): Promise<number> => runCli(argv, silent);
const compare = (argv: string[]): Promise<number> => runCompare(argv, silent);

const learning = ["--train", "10%", "--validation", "10%", "--predictor", "logistic", "-q"];

describe.skipIf(chromiumPath === undefined)("the reports of recorded queries in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    const simulated = `simulate --queries ${isLong ? 600 : 400} --models 4 --seed 5 -q -o`;
    await run(...simulated.split(" "), at("labelled.jsonl"));
    const repeats = ["--repeats", "2"];
    await run("backtest", at("labelled.jsonl"), ...learning, ...repeats, "--report", at("backtest.html"));
    const some = ["--algorithms", "nsga2,mopso"];
    expect(await compare([at("labelled.jsonl"), ...learning, ...some, "--report", at("compare.html")])).toBe(
      0,
    );
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it("draws what was promised, what was kept and the oracle, with verdict and intervals", async () => {
    const { page, complaints } = await open(browser, at("backtest.html"));
    for (const curve of ["curve-front", "curve-zero", "curve-oracle", "curve-other", "mark-single"]) {
      expect(await pixelsOf(page, "front-chart", curve), curve).toBeGreaterThan(20);
    }
    expect(await page.locator("#sentences").innerText()).toMatch(/Route|alone|Not enough evidence/);
    const values = await page.locator(".interval .value").allTextContents();
    expect(values.length).toBe(11);
    for (const value of values) expect(value).toMatch(/^([+−]?[\d.]+|not reached) \(95 %: .+ … .+\)$/);
    expect(await page.locator("#readings").innerText()).toContain("Recorded accuracy");
    expect(await page.locator("table.cards td[data-title=recorded]").count()).toBe(25);
    expect(complaints).toEqual([]);
  });

  it("draws every method's allocations", async () => {
    const { page, complaints } = await open(browser, at("compare.html"));
    for (const curve of ["curve-front", "curve-other", "model-0", "model-1"]) {
      expect(await pixelsOf(page, "front-chart", curve), curve).toBeGreaterThan(20);
    }
    const before = await page.locator("#readings").innerText();
    await page.locator("#slider").focus();
    await page.keyboard.press("End");
    expect(await page.locator("#readings").innerText()).not.toBe(before);
    expect(await page.locator("#shares").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it.each([
    ["backtest", 360],
    ["backtest", 1600],
    ["compare", 360],
    ["compare", 1600],
  ] as const)("%s fits %d px and passes axe", async (name, width) => {
    const { page, complaints } = await open(browser, at(`${name}.html`), { width });
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
