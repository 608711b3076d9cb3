import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appPage } from "../../src/app/page.js";
import { serveApp, type Served } from "../../src/app/serve.js";
import { openPage, overflow, violations } from "../report/html/opened.js";
import { chromiumPath, launch } from "../report/html/chromium.js";
import { temporaryFolder } from "../rows/folder.js";
import { npyBytes } from "../rows/npyBytes.js";
import { streamedZipBytes, zipBytes } from "../rows/zipBytes.js";
import { isLong } from "../runs.js";
import { command, ended, judge, saved, set, withoutRuntime, wordsOf } from "./opened.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const inFolder = (...argv: string[]) => command(folder.path, ...argv);
const FIXTURES = join(import.meta.dirname, "../rows/fixtures");

/** A fit that takes little, and looks at the texts. */
const QUICK = { train: "25", validation: "25", predictor: "knn" };
const WORDS = ["--train", "25%", "--validation", "25%", "--predictor", "knn"];

/** What the command line says of an input: the sentence of its verdict, or of its error. */
async function said(path: string, ...words: string[]): Promise<string> {
  const { out, err, code } = await inFolder("backtest", path, ...words, "--threads", "1", "--json", "-q");
  if (code !== 0) return err.replace(/^error: |\n\(add --help for usage\)/g, "").trimEnd();
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

  it("gives the report, predictor and plan of the command line, and asks the network for nothing", async () => {
    const report = await inFolder("backtest", "a,b.jsonl", ...WORDS, "--report", "report.html");
    expect(report.code).toBe(0);
    const judged = withoutRuntime(readFileSync(at("report.html")));
    expect(
      (await inFolder("fit", "a,b.jsonl", "--predictor", "knn", "-o", "predictor.optllm", "-q")).code,
    ).toBe(0);
    const solve = ["solve", "work.jsonl", "--labels", "a,b.jsonl", "--predictor", "knn", "--knee"];
    const allocations = [...(isLong ? ["allocation.csv"] : []), "allocation.jsonl"];
    for (const name of allocations)
      expect((await inFolder(...solve, "-o", name, "--report", "report.html")).code).toBe(0);
    // On several threads; the tests that take long do it on one as well.
    for (const url of isLong ? [file, served.url] : [served.url]) {
      const { page, complaints } = await openPage(browser, url);
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
      for (const name of allocations)
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
    folder.write("log-streamed.eval", streamedZipBytes(log));
    // Hostile archives: a way out of the folder, a size and a place that are not there, a bomb.
    folder.write("out.eval", zipBytes({ ...log, "../samples/4_epoch_1.json": sample(4) }));
    const changed = (from: string, at: number, value: number): Buffer => {
      const bytes = zipBytes(log);
      bytes.writeUInt32LE(value, bytes.indexOf(from, 0, "latin1") + at);
      return bytes;
    };
    folder.write("long.eval", changed("PK\x01\x02", 20, 2 ** 30));
    folder.write("nowhere.eval", changed("PK\x01\x02", 42, 2 ** 30));
    folder.write("count.eval", changed("PK\x05\x06", 8, 0xffffffff));
    folder.write("disks.eval", changed("PK\x05\x06", 4, 7));
    if (isLong)
      folder.write("bomb.eval", zipBytes({ ...log, "header.json": Buffer.alloc(2 ** 28 + 1, " ") }));
    const words = ["--predictor", "base-rate"];
    const inputs = [
      ...["rows.csv.gz", "rows.parquet", "cut.csv.gz", "bad.jsonl", "<img src=x onerror=alert(1)>.csv"],
      ...["log.eval", "log-zstd.eval", "out.eval"],
    ];
    const others = [
      ...["rows.csv", "wide.csv", "book.xlsx", "cut.eval", "log-streamed.eval"],
      ...["long.eval", "nowhere.eval", "count.eval", "disks.eval", "bomb.eval"],
    ];
    if (isLong) inputs.push(...others);
    const fixtures = [
      "promptfoo/results.jsonl",
      "parquet/zstd.parquet",
      "inspect-grades.json",
      "promptfoo/results.json",
      "llmrouter.jsonl",
      "routerbench.csv",
      "openai-batch-output.jsonl",
    ];
    for (const name of isLong ? fixtures : fixtures.slice(0, 1)) {
      const own = name.replace("/", "-");
      folder.write(own, readFileSync(join(FIXTURES, name)));
      inputs.push(own);
    }
    const { page, complaints } = await openPage(browser, served.url);
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
    const { page, complaints } = await openPage(browser, served.url);
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
    const argv = wordsOf(shown!);
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

  it.runIf(isLong)(
    "takes prices, conditions, models, groups, limits and vectors as the command line does",
    async () => {
      const task = (q: number): string => ["law", "sums", "tales"][q % 3];
      const row = (q: number, isLabelled: boolean): string => {
        const own = ["small", "large", "other"].flatMap((model, m) => [
          [`${model}__input_tokens`, 100 + (q % 50)],
          [`${model}__output_tokens`, 20 + 10 * m],
          ...(isLabelled ? [[`${model}__score`, (q * 13) % 10 < 4 + 2 * m ? 1 : 0]] : []),
        ]);
        const vector = [
          ["v_0", (q % 3) / 2],
          ["v_1", (q % 7) / 6],
        ];
        const columns = [["id", `q${q}`], ["query", `question ${q}`], ["task", task(q)], ...vector, ...own];
        return JSON.stringify(Object.fromEntries(columns));
      };
      const rows = (from: number, to: number, isLabelled: boolean): string =>
        Array.from({ length: to - from }, (_, k) => `${row(from + k, isLabelled)}\n`).join("");
      folder.write("known.jsonl", rows(0, 330, true));
      folder.write("more/known.jsonl", rows(330, 390, false));
      folder.write("work.npy", npyBytes(...vectorsOf(330, 390)));
      folder.write("sample.npy", npyBytes(...vectorsOf(0, 330)));
      folder.write("limits.yaml", "share: 'large >= 10%'");
      folder.write(
        "prices.json",
        JSON.stringify({
          small: { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
          odd: { input_cost_per_token: -1 },
        }),
      );
      const { page, complaints } = await openPage(browser, served.url);
      const limits = readFileSync(at("limits.yaml"), "utf8");
      await page.setInputFiles("#prices-file", at("prices.json"));
      await set(page, {
        ...{
          predictor: "knn",
          "only-models": "small, large",
          where: "task!=tales\n v_1>=0.1 ",
          group: "task",
        },
        ...{ price: "large=5/15\n\nother=1/1", "judge-limits": limits, "vector-columns": "v_" },
      });
      const same = async (name: string, isPlan = false): Promise<string> => {
        const shown = await page.locator(isPlan ? "#planned code" : "#verdict-command code").textContent();
        const argv = [...wordsOf(shown!), ...(isPlan ? ["--report", "report.html"] : [])];
        const { out, code } = await inFolder(...argv);
        expect(code).toBe(0);
        expect(withoutRuntime(await saved(page, name))).toBe(withoutRuntime(readFileSync(at(name))));
        return out;
      };
      const refused = async (name: string, ...words: string[]): Promise<void> =>
        expect(await judge(page, at(name))).toBe(await said(name, ...words));
      const unknown = ["--models", "small, large", "--price", "large=5/15", "--price", "other=1/1"];
      await refused("known.jsonl", "--prices", "prices.json", ...unknown);
      await set(page, { price: "large=5/15" });
      expect(await judge(page, at("known.jsonl"))).toBe("");
      const out = await same("report.html");
      const cells = await page.locator("#verdict-groups tbody tr").allTextContents();
      expect(cells.length).toBe(2);
      const line = await page.locator("#verdict-groups tbody tr").first().locator("th, td").allTextContents();
      expect(out.split("\n").some((text) => line.every((cell) => text.includes(cell)))).toBe(true);
      expect(await page.textContent("#verdict-command")).toContain("1 of 2 prices cannot be read");

      await set(page, { price: "large=5" });
      await refused("known.jsonl", "--price", "large=5");
      await set(page, { price: "", where: "task" });
      await refused("known.jsonl", "--where", "task");
      await page.setInputFiles("#vectors-file", at("sample.npy"));
      await set(page, { where: "" });
      await refused("known.jsonl", "--vectors", "sample.npy", "--vector-columns", "v_");
      await set(page, { where: "task=law", "vector-columns": "" });
      await refused("known.jsonl", "--vectors", "sample.npy", "--where", "task=law");
      await set(page, { where: "", "only-models": "," });
      await refused("known.jsonl", "--models", ",");

      // Vectors of both files, of which the work has the name of the sample.
      await page.click("#prices-clear");
      await set(page, { "only-models": "small,other", "judge-limits": "", group: "", predictor: "logistic" });
      await set(page, { price: "small=1/2\nother=5/15" });
      expect(await judge(page, at("known.jsonl"))).toBe("");
      await same("report.html");
      await page.setInputFiles("#work-files", at("more/known.jsonl"));
      folder.write("work/known.jsonl", readFileSync(at("more/known.jsonl")));
      await page.setInputFiles("#work-vectors-file", at("work.npy"));
      const workLimits = "share: 'other >= 10%'";
      folder.write("limits.yaml", workLimits);
      await set(page, { "work-group": "task", limits: workLimits });
      await page.check("input[value=knee]");
      await page.click("#start-plan");
      expect(await ended(page, "#planned a")).toBe("");
      expect(await page.locator("#planned tbody tr").count()).toBe(3);
      await same("allocation.jsonl", true);
      expect(withoutRuntime(await saved(page, "report.html"))).toBe(
        withoutRuntime(readFileSync(at("report.html"))),
      );
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it("takes what is dropped, several files as one table, and its own example", async () => {
    const { page, complaints } = await openPage(browser, served.url);
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
    const { page, complaints } = await openPage(browser, served.url);
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

  it.each(isLong ? (["light", "dark"] as const) : (["light"] as const))(
    "works with the keyboard and on a phone, and axe finds nothing, %s",
    async (colorScheme) => {
      const { page, complaints } = await openPage(browser, served.url, {
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
      await page.evaluate(() =>
        document.querySelectorAll("details").forEach((details) => (details.open = true)),
      );
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

/** Vectors of these rows: kinds of queries, which the scores depend on. */
function vectorsOf(from: number, to: number): Parameters<typeof npyBytes> {
  const values = Array.from({ length: to - from }, (_, k) => [((from + k) % 3) / 2, ((from + k) % 7) / 6]);
  return ["<f4", [to - from, 2], Float32Array.from(values.flat())];
}
