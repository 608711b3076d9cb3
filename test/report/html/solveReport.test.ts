import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../../src/cli/app.js";
import { chromiumPath, launch } from "./chromium.js";
import { open, overflow, pixelsOf, violations } from "./opened.js";

const HOSTILE = [
  "</script><script>window.wasRun = true; alert(1)</script>",
  '<img src=x onerror="window.wasRun = true">',
  "separators \u2028 and \u2029 and <!-- <script>",
  "]]> ${1} {{2}} %3C \\u003c",
  '"><svg onload=window.wasRun=true>',
];
const MODELS = ["small", "</script><b>medium</b>", "large"];

/** Rows with texts that try to get out, of three models of rising price. */
function rows(from: number, to: number, isLabelled: boolean): string {
  return Array.from({ length: to - from }, (_, k) => {
    const q = from + k;
    const row: Record<string, unknown> = {
      id: `q${q} ${HOSTILE[q % HOSTILE.length]}`,
      query: `${HOSTILE[q % HOSTILE.length]} number ${q}`,
    };
    MODELS.forEach((model, m) => {
      row[`${model}__cost`] = (m + 1) ** 2 * 0.001 * (1 + ((q * 7) % 11));
      if (isLabelled) row[`${model}__score`] = (q * 13) % 10 < 4 + 2 * m ? 1 : 0;
    });
    return `${JSON.stringify(row)}\n`;
  }).join("");
}

const folder = mkdtempSync(join(tmpdir(), "optllm-report-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]): Promise<number> {
  return runCli(argv, {
    out: () => undefined,
    err: () => undefined,
    isTerminal: false,
    signal: new AbortController().signal,
  });
}

const solve = (report: string, ...target: string[]): Promise<number> =>
  run(
    ...["solve", at("work.jsonl"), "--labels", at("sample.jsonl"), "--predictor", "logistic", "-q"],
    ...["-o", at("allocation.jsonl"), "--report", at(report), ...target],
  );

beforeAll(async () => {
  writeFileSync(at("sample.jsonl"), rows(0, 100, true));
  // Every other row of the work is scored, so that there is reliability to show.
  writeFileSync(at("work.jsonl"), rows(1000, 1150, true) + rows(1150, 1300, false));
  expect(await solve("report.html", "--budget", "3")).toBe(0);
});

it("gives the same bytes for the same inputs and asks nothing of the network", async () => {
  await solve("again.html", "--budget", "3");
  const page = readFileSync(at("report.html"), "utf8");
  expect(readFileSync(at("again.html"), "utf8").replaceAll("again.html", "report.html")).toBe(page);
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(src|href)="?https?:/);
});

it("is written for an infeasible target too", async () => {
  expect(await solve("infeasible.html", "--budget", "0.0001")).toBe(3);
  expect(readFileSync(at("infeasible.html"), "utf8")).toContain("No allocation meets the target");
});

describe.skipIf(chromiumPath === undefined)("the report of solve in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it("draws the front, the shares and the reliability", async () => {
    const { page, complaints } = await open(browser, at("report.html"));
    expect(await pixelsOf(page, "front-chart", "curve-front")).toBeGreaterThan(500);
    expect(await pixelsOf(page, "front-chart", "curve-zero")).toBeGreaterThan(50);
    expect(await pixelsOf(page, "front-chart", "mark-single")).toBeGreaterThan(50);
    expect(await pixelsOf(page, "front-chart", "mark-chosen")).toBeGreaterThan(20);
    expect(await pixelsOf(page, "shares-chart", "model-0")).toBeGreaterThan(500);
    expect(await pixelsOf(page, "shares-chart", "model-1")).toBeGreaterThan(500);
    expect(await pixelsOf(page, "rest", "curve-front")).toBeGreaterThan(50);
    expect(complaints).toEqual([]);
  });

  it("moves the budget by slider, number and click", async () => {
    const { page, complaints } = await open(browser, at("report.html"));
    const readings = () => page.locator("#readings").innerText();
    const budget = () => page.locator("#budget").inputValue();
    const first = await readings();
    expect(first).toMatch(/\$3\.00|\$2\.99/);
    await page.locator("#slider").focus();
    await page.keyboard.press("Home");
    expect(await readings()).toContain("The cheapest allocation costs");
    await page.keyboard.press("End");
    const last = await readings();
    expect(last).not.toBe(first);
    await expect.poll(() => page.locator("#live").innerText()).toContain("expected accuracy");
    await page.locator("#budget").fill("2");
    const typed = await readings();
    expect([first, last]).not.toContain(typed);
    expect(await page.locator("#command").innerText()).toMatch(/--budget 2$/);
    await page.locator("#front-chart .u-over").click({ position: { x: 300, y: 100 } });
    expect(await budget()).not.toBe("2");
    await page.locator("#reset").click();
    expect(await readings()).toBe(first);
    expect(complaints).toEqual([]);
  });

  it("draws another picture with the linear axis", async () => {
    const { page } = await open(browser, at("report.html"));
    const picture = () => page.evaluate(() => document.querySelector("canvas")!.toDataURL());
    const before = await picture();
    await page.getByLabel("linear", { exact: true }).check();
    await expect.poll(picture).not.toBe(before);
    expect(await pixelsOf(page, "front-chart", "curve-front")).toBeGreaterThan(500);
  });

  it("shows hostile texts as texts", async () => {
    const { page, complaints } = await open(browser, at("report.html"));
    const shown = await page.locator("td.query .text").allTextContents();
    for (const text of HOSTILE) expect(shown.some((line) => line.startsWith(text))).toBe(true);
    expect(await page.locator("#bars .name").allTextContents()).toContain("</script><b>medium</b>");
    expect(await page.evaluate(() => "wasRun" in window)).toBe(false);
    expect(await page.locator("b, img, svg").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("finds queries by text and model", async () => {
    const { page } = await open(browser, at("report.html"));
    await page.getByLabel("Search").fill("number 1042");
    await expect.poll(() => page.locator("table.cards tbody tr").count()).toBe(1);
    await page.getByLabel("Search").fill("");
    await expect.poll(() => page.locator("table.cards tbody tr").count()).toBe(25);
    await page.getByRole("button", { name: "Show more" }).click();
    expect(await page.locator("table.cards tbody tr").count()).toBe(50);
    await page.getByLabel("Chosen model").selectOption({ index: 1 });
    const models = await page.locator("table.cards td:nth-child(2)").allTextContents();
    expect(new Set(models)).toEqual(new Set(["small"]));
  });

  it.each([
    [360, "light"],
    [360, "dark"],
    [1600, "light"],
    [1600, "dark"],
  ] as const)("fits %d px and passes axe in %s", async (width, colorScheme) => {
    const { page, complaints } = await open(browser, at("report.html"), { width, colorScheme });
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
