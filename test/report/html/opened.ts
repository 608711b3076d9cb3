import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Opened {
  page: Page;
  /** Errors of the page and everything that it asked the network for. */
  complaints: string[];
}

/** Opens a report from disk, as a user does, and waits until all of it is drawn. */
export async function open(
  browser: Browser,
  path: string,
  { width = 1600, colorScheme = "light" as "light" | "dark" } = {},
): Promise<Opened> {
  const viewport = { width, height: 900 };
  const opened = await openPage(browser, pathToFileURL(path).href, { viewport, colorScheme });
  await opened.page.waitForSelector("main:not([aria-busy])");
  return opened;
}

/** Opens an address in a window of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (asked !== url && !/^(blob|data|about):/.test(asked)) complaints.push(`request: ${asked}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Canvas pixels of an element that have a colour of the style sheet. */
export function pixelsOf(page: Page, id: string, colour: string): Promise<number> {
  return page.evaluate(
    ([id, colour]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`#${id} canvas`)!;
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {
        willReadFrequently: true,
      })!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${colour}`).trim();
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
      let count = 0;
      for (let k = 0; k < data.length; k += 4) {
        if (Math.abs(data[k] - r) + Math.abs(data[k + 1] - g) + Math.abs(data[k + 2] - b) < 12) count++;
      }
      return count;
    },
    [id, colour],
  );
}

/** How far the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** What axe-core finds serious or critical. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    return (await axe.run()).violations;
  });
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`,
    );
}
