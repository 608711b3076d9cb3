import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { appPage } from "../../src/app/page.js";
import { serveApp, type Served } from "../../src/app/serve.js";
import { temporaryFolder } from "../rows/folder.js";
import { Firefox, firefoxPath } from "./firefox.js";
import { command, withoutRuntime } from "./opened.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const WORDS = ["--train", "25%", "--validation", "25%", "--predictor", "knn"];

describe.skipIf(firefoxPath === undefined)("in Firefox", () => {
  let firefox: Firefox;
  let served: Served;
  let addresses: string[];

  beforeAll(async () => {
    const page = await appPage();
    served = await serveApp(page);
    addresses = [served.url, pathToFileURL(folder.write("app.html", page)).href];
    firefox = await Firefox.start();
    const sizes = ["--queries", "200", "--models", "3", "--seed", "4"];
    for (const argv of [
      ["simulate", ...sizes, "--labels", "rows.jsonl", "--labelled", "160", "-o", "work.jsonl"],
      ["import", "rows.jsonl", "-o", "rows.csv.gz"],
      ["import", "rows.jsonl", "-o", "rows.parquet"],
      ["backtest", "rows.jsonl", ...WORDS, "--report", "report.html"],
      ["fit", "rows.jsonl", "--predictor", "knn", "-o", "predictor.optllm"],
    ])
      expect((await command(folder.path, ...argv)).code).toBe(0);
  });
  afterAll(async () => {
    await firefox?.close();
    await served?.close();
  });

  /** Waits for the verdict and its report, or for a refusal, whose sentence it returns. */
  const ended = (): Promise<string> =>
    firefox.run(async () => {
      const isShown = (id: string): boolean => document.getElementById(id)!.hidden === false;
      while (isShown("running") || !(isShown("verdict") || isShown("failure")))
        await new Promise((resolve) => setTimeout(resolve, 50));
      return isShown("failure") ? document.getElementById("failure-text")!.textContent! : "";
    });
  const textOf = (selector: string): Promise<string> =>
    firefox.run((selector) => document.querySelector(selector)!.textContent!, selector);
  const fill = (id: string, value: string): Promise<void> =>
    firefox.run(
      (id, value) => void ((document.getElementById(id) as HTMLInputElement).value = value),
      id,
      value,
    );

  /** The bytes of a file that a link of the page saves. */
  async function saved(name: string): Promise<Buffer> {
    const path = join(firefox.downloads, name);
    await firefox.click(`a[download="${name}"]`);
    // The name without ".part" appears when all is written, at first with no bytes.
    await vi.waitFor(
      () => expect(existsSync(`${path}.part`) || readFileSync(path).length === 0).toBe(false),
      {
        timeout: 60_000,
      },
    );
    return readFileSync(path);
  }

  it("gives a dropped file the report and the predictor of the command line, on one thread and on several, and asks the network for nothing", async () => {
    for (const url of addresses) {
      await firefox.open(url);
      expect(await firefox.run(() => crossOriginIsolated)).toBe(url === served.url);
      for (const [id, value] of Object.entries({ train: "25", validation: "25", predictor: "knn" }))
        await fill(id, value);
      await firefox.run(
        (content) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], "rows.jsonl"));
          document
            .getElementById("drop")!
            .dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        },
        readFileSync(at("rows.jsonl"), "utf8"),
      );
      expect(await ended()).toBe("");
      const report = await firefox.run(() => document.querySelector<HTMLIFrameElement>("#frame")!.srcdoc);
      expect(withoutRuntime(Buffer.from(report))).toBe(withoutRuntime(readFileSync(at("report.html"))));
    }
    await firefox.click("#fit");
    await vi.waitFor(async () => expect(await textOf("#fitted")).toContain("Save predictor.optllm"), {
      timeout: 60_000,
    });
    expect((await saved("predictor.optllm")).equals(readFileSync(at("predictor.optllm")))).toBe(true);
    expect(firefox.complaints).toEqual([]);
  });

  it("reads packed text and Parquet, and refuses what is no table in the words of the command line", async () => {
    const sentenceOf = async (name: string): Promise<string> => {
      const argv = ["backtest", name, "--predictor", "base-rate", "--json", "-q"];
      const { out, err, code } = await command(folder.path, ...argv);
      if (code !== 0) return err.replace(/^error: /, "").trimEnd();
      return (JSON.parse(out) as { verdict: { sentence: string } }).verdict.sentence;
    };
    folder.write("wrong.csv", "a,b\n1,2\n");
    await firefox.open(served.url);
    await fill("predictor", "base-rate");
    for (const name of ["rows.csv.gz", "rows.parquet", "wrong.csv"]) {
      await firefox.setFiles("#files", at(name));
      expect((await ended()) || (await textOf("#verdict-text p")), name).toBe(await sentenceOf(name));
    }
    expect(firefox.complaints).toEqual([]);
  });
});
