import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appPage } from "../../src/app/page.js";
import { serveApp, type Served } from "../../src/app/serve.js";
import { overflow, violations } from "../report/html/opened.js";
import { chromiumPath, launch } from "../report/html/chromium.js";
import { temporaryFolder } from "../rows/folder.js";
import { zipBytes } from "../rows/zipBytes.js";
import { command, ended, judge, openApp, saved, set, withoutRuntime } from "./opened.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const inFolder = (...argv: string[]) => command(folder.path, ...argv);
const FIXTURES = join(import.meta.dirname, "../rows/fixtures");

/** A fit that takes little, and looks at the texts. */
const QUICK = { train: "25", validation: "25", predictor: "knn" };
const WORDS = ["--train", "25%", "--validation", "25%", "--predictor", "knn"];

/** What the command line says of an input: the sentence of its verdict, or of its error. */
async function said(path: string, ...words: string[]): Promise<string> {
  const { out, err, code } = await inFolder("backtest", path, ...words, "--json", "-q");
  if (code !== 0) return err.replace(/^error: /, "").trimEnd();
  return (JSON.parse(out) as { verdict: { sentence: string } }).verdict.sentence;
}

describe.skipIf(chromiumPath === undefined)("in Chromium", () => {
  let browser: Browser;
  let served: Served;
  let file: string;

  beforeAll(async () => {
    const page = await appPage();
    file = pathToFileURL(folder.write("app.html", page)).href;
    served = await serveApp(page);
    browser = await launch();
    const sizes = ["--queries", "200", "--models", "3", "--seed", "4"];
    expect(
      (await inFolder("simulate", ...sizes, "--labels", "a,b.jsonl", "--labelled", "160", "-o", "work.jsonl"))
        .code,
    ).toBe(0);
    for (const name of ["rows.csv", "rows.csv.gz", "rows.parquet"])
      expect((await inFolder("import", "a,b.jsonl", "-o", name)).code).toBe(0);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it("gives the report, predictor and plan of the command line, on one thread and on several, and asks the network for nothing", async () => {
    const report = await inFolder("backtest", "a,b.jsonl", ...WORDS, "--report", "report.html");
    expect(report.code).toBe(0);
    const judged = withoutRuntime(readFileSync(at("report.html")));
    expect(
      (await inFolder("fit", "a,b.jsonl", "--predictor", "knn", "-o", "predictor.optllm", "-q")).code,
    ).toBe(0);
    const solve = ["solve", "work.jsonl", "--labels", "a,b.jsonl", "--predictor", "knn", "--knee"];
    for (const name of ["allocation.csv", "allocation.jsonl"])
      expect((await inFolder(...solve, "-o", name, "--report", "report.html")).code).toBe(0);
    for (const url of [file, served.url]) {
      const { page, complaints } = await openApp(browser, url);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(url === served.url);
      await set(page, QUICK);
      expect(await judge(page, at("a,b.jsonl"))).toBe("");
      expect(withoutRuntime(await saved(page, "report.html"))).toBe(judged);
      await page.click("#fit");
      expect(await ended(page, "#fitted a")).toBe("");
      expect((await saved(page, "predictor.optllm")).equals(readFileSync(at("predictor.optllm")))).toBe(true);
      await page.setInputFiles("#work-files", at("work.jsonl"));
      await page.check("input[value=knee]");
      await page.click("#start-plan");
      expect(await ended(page, "#planned a")).toBe("");
      for (const name of ["allocation.jsonl", "allocation.csv"])
        expect((await saved(page, name)).toString()).toBe(readFileSync(at(name), "utf8"));
      expect(withoutRuntime(await saved(page, "report.html"))).toBe(
        withoutRuntime(readFileSync(at("report.html"))),
      );
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  it("reads every form of rows as the command line does, and refuses what it refuses in the same words", async () => {
    folder.write("parts/day=1/a.csv", readFileSync(at("rows.csv")));
    folder.write("cut.csv.gz", gzipSync(readFileSync(at("rows.csv"))).subarray(0, 900));
    folder.write(
      "bad.jsonl",
      '{"query":"a","m__score":1,"m__cost":1}\n{"query":"b","m__score":7,"m__cost":1}\n',
    );
    folder.write("<img src=x onerror=alert(1)>.csv", "a,b\n1,2\n");
    folder.write("wide.csv", "\ufffea");
    folder.write("book.xlsx", zipBytes({ "xl/workbook.xml": "<x/>" }));
    const sample = (id: number) =>
      JSON.stringify({ id, epoch: 1, input: "a", scores: { match: { value: "C" } } });
    const log = {
      "header.json": JSON.stringify({ eval: { task: "t", model: "m" } }),
      ...Object.fromEntries([1, 2, 3].map((id) => [`samples/${id}_epoch_1.json`, sample(id)])),
    };
    folder.write("log.eval", zipBytes(log, "deflate"));
    folder.write("log-zstd.eval", zipBytes(log, "zstd"));
    folder.write("cut.eval", zipBytes(log).subarray(0, 200));
    const words = ["--predictor", "base-rate"];
    const inputs = [
      ...["rows.csv", "rows.csv.gz", "rows.parquet", "cut.csv.gz", "bad.jsonl", "wide.csv", "book.xlsx"],
      ...["log.eval", "log-zstd.eval", "cut.eval", "<img src=x onerror=alert(1)>.csv"],
    ];
    for (const name of [
      "promptfoo/results.json",
      "promptfoo/results.jsonl",
      "parquet/zstd.parquet",
      "llmrouter.jsonl",
      "routerbench.csv",
      "openai-batch-output.jsonl",
      "inspect-grades.json",
    ]) {
      const own = name.replace("/", "-");
      folder.write(own, readFileSync(join(FIXTURES, name)));
      inputs.push(own);
    }
    const { page, complaints } = await openApp(browser, served.url);
    await set(page, { predictor: "base-rate" });
    const sentence = (): Promise<string | null> => page.locator("#verdict-text p").first().textContent();
    for (const name of inputs) {
      const refused = await judge(page, at(name));
      expect(refused || (await sentence()), name).toBe(await said(name, ...words));
    }
    await page.check("#skip-bad-rows");
    const bad = Array.from({ length: 60 }, (_, q) =>
      q === 9 ? "{" : `{"query":"t${q}","m__score":${q % 5},"m__cost":1}`,
    );
    folder.write("bad rows.jsonl", bad.join("\n"));
    await set(page, { scale: "0..4" });
    expect(await judge(page, at("bad rows.jsonl"))).toBe("");
    expect(await sentence()).toBe(
      await said("bad rows.jsonl", ...words, "--skip-bad-rows", "--scale", "0..4"),
    );
    await set(page, { scale: "" });
    await page.uncheck("#skip-bad-rows");
    expect(await judge(page, at("parts"), "#folder")).toBe("");
    expect(await sentence()).toBe(await said("parts", ...words));
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("answers what if, and makes the batch files of the command line", async () => {
    const models = ["gpt-4o-mini", "claude-haiku-4-5"];
    const row = (q: number, isLabelled: boolean) =>
      JSON.stringify({
        id: `q${q}`,
        query: `question ${q} of ${["law", "sums", "tales"][q % 3]}`,
        ...Object.fromEntries(
          models.map((model, m) => [`${model}__cost`, 0.001 * (1 + 4 * m) * (1 + (q % 7))]),
        ),
        ...(isLabelled &&
          Object.fromEntries(
            models.map((model, m) => [`${model}__score`, (q * 13) % 10 < 5 + 3 * m ? 1 : 0]),
          )),
      });
    const lines = (from: number, to: number, isLabelled: boolean): string =>
      Array.from({ length: to - from }, (_, k) => `${row(from + k, isLabelled)}\n`).join("");
    folder.write("labelled.jsonl", lines(0, 240, true));
    folder.write("todo.jsonl", lines(240, 300, false));
    folder.write("limits.yaml", "limit: 'gpt-4o-mini: 20 queries'");
    const { page, complaints } = await openApp(browser, served.url);
    await set(page, { predictor: "base-rate" });
    await judge(page, at("labelled.jsonl"));
    await page.fill(`[aria-label="Cost of gpt-4o-mini times"]`, "6");
    await page.click("#judge-changed");
    expect(await ended(page, "#verdict:not([hidden]) #before:not([hidden])")).toBe("");
    const changes = ["--predictor", "base-rate", "--scale-cost", "gpt-4o-mini=6"];
    expect(await page.locator("#verdict-text p").first().textContent()).toBe(
      await said("labelled.jsonl", ...changes),
    );
    expect(await page.locator("#verdict-command code").textContent()).toBe(
      `optllm backtest labelled.jsonl ${changes.join(" ")} --report report.html`,
    );

    await page.click("#unchanged");
    await page.setInputFiles("#work-files", at("todo.jsonl"));
    await page.check("#batch");
    await page.getByText("Limits", { exact: true }).click();
    await page.fill("#limits", readFileSync(at("limits.yaml"), "utf8"));
    await page.click("#start-plan");
    expect(await ended(page, "#planned a")).toBe("");
    const shown = await page.locator("#planned code").textContent();
    const argv = shown!.split(" ").slice(1);
    expect(argv).toContain("--constraints");
    expect((await inFolder(...argv, "-q")).code).toBe(0);
    const files = readdirSync(at("batches"), { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(at(`batches/${name}`)).isFile(),
    );
    const zipped = unzipSync(await saved(page, "batches.zip"));
    expect(Object.keys(zipped).sort()).toEqual(files.map((name) => `batches/${name}`).sort());
    for (const [name, bytes] of Object.entries(zipped))
      expect(Buffer.from(bytes).toString(), name).toBe(readFileSync(at(name), "utf8"));

    // What no vendor serves is refused as the command refuses it.
    await page.check("input[value=budget]");
    await page.click("#start-plan");
    await page.waitForSelector("#failure:not([hidden])");
    expect(await page.textContent("#failure-text")).toContain("budget is NaN; expected a number");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("takes what is dropped, several files as one table, and its own example", async () => {
    const { page, complaints } = await openApp(browser, served.url);
    await set(page, { predictor: "base-rate" });
    const lines = readFileSync(at("rows.csv"), "utf8").trimEnd().split("\n");
    const halves = [lines.slice(0, 81), [lines[0], ...lines.slice(81)]].map((half) => `${half.join("\n")}\n`);
    const transfer = await page.evaluateHandle((contents) => {
      const dropped = new DataTransfer();
      contents.forEach((content, k) => dropped.items.add(new File([content], `part-${k}.csv`)));
      return dropped;
    }, halves);
    await page.dispatchEvent("#drop", "drop", { dataTransfer: transfer });
    expect(await ended(page, "#verdict:not([hidden])")).toBe("");
    expect(await page.textContent("#given")).toContain("files: 2 files");
    const words = ["--predictor", "base-rate"];
    expect(await page.locator("#verdict-text p").first().textContent()).toBe(
      await said("rows.csv", ...words),
    );

    await page.click("#example");
    await page.waitForFunction(() =>
      document.querySelector("#given")?.textContent?.startsWith("sample.jsonl"),
    );
    expect(await ended(page, "#verdict:not([hidden])")).toBe("");
    expect(await page.textContent("#work-given")).toMatch(/^work\.jsonl, /);
    expect(await page.textContent("#verdict-text")).toContain("2,700 test queries");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("stops at once when cancelled, and goes on with the next file", async () => {
    const { page, complaints } = await openApp(browser, served.url);
    await page.setInputFiles("#files", at("a,b.jsonl"));
    await page.waitForSelector("#running:not([hidden])");
    await page.click("#cancel");
    expect(await page.isVisible("#running")).toBe(false);
    expect(await page.isVisible("#verdict")).toBe(false);
    await set(page, { predictor: "base-rate" });
    expect(await judge(page, at("a,b.jsonl"))).toBe("");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each(["light", "dark"] as const)(
    "works with the keyboard and on a phone, and axe finds nothing, %s",
    async (colorScheme) => {
      const { page, complaints } = await openApp(browser, served.url, {
        colorScheme,
        viewport: { width: 360, height: 780 },
        reducedMotion: "reduce",
      });
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.className)).toBe("skip");
      const order: (string | undefined)[] = [];
      for (let k = 0; k < 4; k++) {
        await page.keyboard.press("Tab");
        order.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName));
      }
      expect(order).toEqual(["files", "folder", "example", "SUMMARY"]);
      await set(page, { predictor: "base-rate" });
      expect(await judge(page, at("a,b.jsonl"))).toBe("");
      await page.waitForSelector("#frame:not([hidden])");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("verdict");
      for (const summary of await page.locator("summary").all()) await summary.click();
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await judge(page, at("<img src=x onerror=alert(1)>.csv"))).not.toBe("");
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );
});
