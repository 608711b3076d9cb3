import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";
import { run } from "../cli/run.js";

/** Fills controls of the settings, by their ids. */
export async function set(page: Page, values: Record<string, string>): Promise<void> {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  for (const [id, value] of Object.entries(values)) {
    if (id === "predictor") await page.selectOption(`#${id}`, value);
    else await page.fill(`#${id}`, value);
  }
}

/** Gives files to the app, and waits for the verdict and its report, or for a refusal, whose sentence it returns. */
export async function judge(page: Page, files: string | string[], input = "#files"): Promise<string> {
  await page.setInputFiles(input, files);
  return ended(page, "#verdict:not([hidden])");
}

/** Waits until a request has ended: shown, or refused. Returns the refusal's sentence, or "". */
export async function ended(page: Page, shown: string): Promise<string> {
  await page.waitForSelector(`${shown}, #failure:not([hidden])`);
  await page.waitForSelector("#running", { state: "hidden" });
  return (await page.isVisible("#failure")) ? ((await page.textContent("#failure-text")) ?? "") : "";
}

/** The bytes of a file that a link of the page saves. */
export async function saved(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`a[download="${name}"]`)]);
  return readFileSync(await download.path());
}

/** The words of a command line that the page shows, as a shell takes them apart, without the program. */
export function wordsOf(commandLine: string): string[] {
  const words = execFileSync("sh", ["-c", `printf '%s\\0' ${commandLine}`], { encoding: "utf8" }).split("\0");
  return words.slice(1, -1);
}

/** A command line, run in a folder. */
export async function command(folder: string, ...argv: string[]): ReturnType<typeof run> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await run(...argv);
  } finally {
    process.chdir(before);
  }
}

/** A report without the program that made it, which is Node.js here and the browser there. */
export function withoutRuntime(page: Buffer): string {
  return page.toString().replace(/\{"name":"(Node\.js|Browser)","value":"[^"]*"\}/, "");
}
