import { readFileSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { run } from "../cli/run.js";

/** The app in a browser, and everything that it asked the network for or complained of. */
export interface App {
  page: Page;
  complaints: string[];
}

export async function openApp(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<App> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  page.on("request", (request) => {
    if (!/^(blob|data|about):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  return { page, complaints };
}

/** Fills controls of the settings, by their ids. */
export async function set(page: Page, values: Record<string, string>): Promise<void> {
  await page.locator("#settings").evaluate((details: HTMLDetailsElement) => (details.open = true));
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
