import { spawn, spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openBrowser } from "../../src/app/openBrowser.js";
import { appPage } from "../../src/app/page.js";
import { serveApp } from "../../src/app/serve.js";
import { chromiumPath, launch } from "../report/html/chromium.js";
import { openPage } from "../report/html/opened.js";
import { temporaryFolder } from "../rows/folder.js";
import { judge, set } from "./opened.js";

const folder = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

/** A program that does this with the address that it is given. */
function program(name: string, does: string): string {
  const path = folder.write(name, `#!/bin/sh\n${does}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("a browser", () => {
  const url = "http://127.0.0.1:8000/";
  const keeps = (name: string): string => `printf '%s' "$*" > '${folder.path}/${name}'`;
  const kept = (name: string): string => readFileSync(`${folder.path}/${name}`, "utf8");

  it("is the program that BROWSER names", async () => {
    vi.stubEnv("BROWSER", program("my browser", keeps("asked")));
    expect(await openBrowser(url)).toBe(true);
    expect(kept("asked")).toBe(url);
  });

  it.skipIf(process.platform !== "linux")("is otherwise the one that the desktop opens", async () => {
    vi.stubEnv("BROWSER", "");
    vi.stubEnv("PATH", `${dirname(program("xdg-open", keeps("opened")))}:${process.env.PATH}`);
    expect(await openBrowser(url)).toBe(true);
    expect(kept("opened")).toBe(url);
  });

  it("that fails, or is not there, is said", async () => {
    vi.stubEnv("BROWSER", program("fails", "exit 3"));
    expect(await openBrowser(url)).toBe(false);
    vi.stubEnv("BROWSER", "/nowhere/browser");
    expect(await openBrowser(url)).toBe(false);
  });
});

describe.skipIf(chromiumPath === undefined)("in Chromium", () => {
  it("the page that is served is opened", async () => {
    const served = await serveApp(await appPage());
    const options = `--headless --no-sandbox --disable-dev-shm-usage --user-data-dir='${folder.path}/profile'`;
    const dump = program(
      "chromium",
      `'${chromiumPath}' ${options} --dump-dom "$1" > '${folder.path}/dom.html'`,
    );
    try {
      vi.stubEnv("BROWSER", dump);
      expect(await openBrowser(served.url)).toBe(true);
      expect(readFileSync(`${folder.path}/dom.html`, "utf8")).toContain("Does routing pay?</h1>");
    } finally {
      await served.close();
    }
  });

  const hasPython = spawnSync("python3", ["--version"]).status === 0;
  it.skipIf(!hasPython)("the page works from a plain web server", async () => {
    folder.write("site/app.html", await appPage());
    const argv = [
      "-u",
      "-m",
      "http.server",
      "0",
      "--bind",
      "127.0.0.1",
      "--directory",
      `${folder.path}/site`,
    ];
    const server = spawn("python3", argv, { stdio: ["ignore", "pipe", "ignore"] });
    const browser = await launch();
    try {
      const port = await new Promise<string>((resolve) =>
        server.stdout.on("data", (text) => {
          const found = /port (\d+)/.exec(String(text));
          if (found !== null) resolve(found[1]);
        }),
      );
      const { page, complaints } = await openPage(browser, `http://127.0.0.1:${port}/app.html`);
      await set(page, { predictor: "base-rate" });
      const rows = Array.from({ length: 240 }, (_, q) => `t${q},${q % 3 ? 1 : 0},1,1,2\n`).join("");
      expect(
        await judge(page, folder.write("rows.csv", `query,a__score,a__cost,b__score,b__cost\n${rows}`)),
      ).toBe("");
      expect(await page.textContent("#decision")).toBe("No, use one model");
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      server.kill();
    }
  });
});
