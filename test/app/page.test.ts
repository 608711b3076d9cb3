import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { appPage } from "../../src/app/page.js";
import { serveApp } from "../../src/app/serve.js";
import { run, testFolder } from "../cli/run.js";
import { readFileSync } from "node:fs";

/** Kilobytes of the page, as it is and as a server sends it. */
const LIMIT = { plain: 1500, packed: 500 };

const { at } = testFolder("app");
let page: string;
beforeAll(async () => {
  page = await appPage();
});

it("is one file, small enough, the same each time", async () => {
  const [plain, packed] = [Buffer.byteLength(page) / 1000, gzipSync(page, { level: 9 }).length / 1000];
  console.log(`app.html: ${plain.toFixed(0)} kB, ${packed.toFixed(0)} kB as gzip`);
  expect(plain).toBeLessThan(LIMIT.plain);
  expect(packed).toBeLessThan(LIMIT.packed);
  expect(await appPage()).toBe(page);
});

it("names no address outside itself to load from, and forbids requests", () => {
  expect(page).toContain("default-src 'none'; connect-src 'none'; script-src 'sha256-");
  expect(page).not.toContain("unsafe-inline");
  expect([...page.matchAll(/<(?:script|link|img|iframe)[^>]*(?:src|href)=(?!"data:)/g)]).toEqual([]);
});

it("starts workers from the page alone: Firefox can block for ever in one that starts others", () => {
  const worker = /<script type="text\/plain" id="worker">(.*?)<\/script>/s.exec(page)![1];
  expect(worker.length).toBeGreaterThan(100_000);
  expect(worker).not.toMatch(/\bnew Worker\b/);
  expect(page.replace(worker, "")).toMatch(/\bnew Worker\b/);
});

it("is written by the command, which refuses what does not go together", async () => {
  expect(await run("app", "-o", at("app.html"))).toMatchObject({
    code: 0,
    out: `page written to ${at("app.html")}\n`,
  });
  expect(readFileSync(at("app.html"), "utf8")).toBe(page);
  expect((await run("app", "-o", at("app.html"), "--port", "8000")).code).toBe(2);
  expect(await run("app", "-o", at("none/app.html"))).toMatchObject({ code: 2 });
});

it("is served on this machine alone, isolated, and nothing else is", async () => {
  const served = await serveApp(page);
  try {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const answer = await fetch(served.url);
    expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(answer.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(await answer.text()).toBe(page);
    for (const [path, method] of [
      ["package.json", "GET"],
      ["%2e%2e/package.json", "GET"],
      ["", "POST"],
    ])
      expect((await fetch(served.url + path, { method })).status).toBe(404);
    const port = Number(new URL(served.url).port);
    await expect(serveApp(page, port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  } finally {
    await served.close();
  }
  await expect(fetch(served.url)).rejects.toThrow();
});
