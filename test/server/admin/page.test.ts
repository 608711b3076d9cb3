import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { chromiumPath, launch } from "../../report/html/chromium.js";
import { overflow, violations } from "../../report/html/opened.js";
import { fails } from "../mockUpstream.js";
import { HELLO, running, UPSTREAM_KEY } from "../running.js";

const f = await running("status-page", (config) => ({
  ...config,
  admin: { port: 0 },
  policies: {
    ...config.policies,
    paced: { budget: { dollars: 0.002, period: "month", requests: 100 }, maxTokens: 50, explore: 0.2 },
  },
  keys: [{ ...config.keys![0], policies: ["best", "paced"] }],
}));
/** Pictures for whoever wants to look: OPTLLM_SHOTS names a folder. */
const shots = process.env.OPTLLM_SHOTS;
if (shots !== undefined) mkdirSync(shots, { recursive: true });

const ask = async (model: string): Promise<Response> => {
  const answer = await f.post("/v1/chat/completions", { ...HELLO, model });
  await answer.text();
  return answer;
};

describe("what is sent", () => {
  it("allows its own script, its own style and this server, and nothing else", async () => {
    const answer = await fetch(f.adminUrl);
    const html = await answer.text();
    const policy = answer.headers.get("content-security-policy")!;
    const inline = [...html.matchAll(/<(script|style)>([^]*?)<\/\1>/g)];
    expect(inline).toHaveLength(2);
    for (const [, , text] of inline)
      expect(policy).toContain(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
    expect(policy).toMatch(/default-src 'none'.*connect-src 'self'.*frame-ancestors 'none'/);
    expect(html).not.toMatch(/ on\w+=| style=|javascript:|https?:\/\/(?!www\.w3\.org)/);
    expect(html).not.toContain(UPSTREAM_KEY);
  });

  it("is at most twenty streams of events at once, which end with the server", async () => {
    const open = await Promise.all(Array.from({ length: 20 }, () => fetch(`${f.adminUrl}/events`)));
    expect((await fetch(`${f.adminUrl}/events`)).status).toBe(503);
    for (const { body } of open) await body!.cancel();
  });
});

describe.skipIf(chromiumPath === undefined)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser.close());

  async function open(
    width: number,
    colorScheme: "light" | "dark",
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(f.adminUrl) && !request.url().startsWith("data:"))
        complaints.push(request.url());
    });
    await page.goto(f.adminUrl);
    await page.getByText("Live.").waitFor();
    return { page, complaints };
  }

  async function check(name: string, width: number, colorScheme: "light" | "dark"): Promise<void> {
    const { page, complaints } = await open(width, colorScheme);
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }

  it("is whole before the first request", () => check("empty", 360, "light"));

  it("shows what happens as it happens, and is whole at every width and in the dark", async () => {
    const { page, complaints } = await open(1200, "light");
    await page.getByText("No request has come yet.").waitFor();
    f.mock.next.push(fails(500));
    const answer = await ask("policy/best");
    for (let k = 0; k < 12; k++) await ask("policy/paced");
    const row = page.locator("#policy-best tr", { hasText: "medium" });
    await row.getByText("100.00 %").waitFor();
    await expect.poll(() => page.locator("#decisions li").count()).toBe(14);
    await page.getByText(answer.headers.get("x-optllm-decision")!).waitFor();
    await page.getByText("a model that is worth more failed").waitFor();
    // Two moments, five seconds apart.
    await page.locator("#policy-paced svg.lambda path").waitFor({ state: "attached" });
    const meter = page.locator("#policy-paced .meter .used");
    expect(await meter.evaluate((bar) => bar.getBoundingClientRect().width)).toBeGreaterThan(3);
    for (let k = 0; k < 60; k++) {
      const judged = await ask("medium");
      const decisionId = judged.headers.get("x-optllm-decision");
      await f.post("/v1/feedback", { decisionId, score: 0 });
    }
    await page.locator("#alarms .alarm").first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
    await check("desktop", 1200, "light");
    await check("phone", 360, "light");
    await check("dark", 1200, "dark");
  });
});
