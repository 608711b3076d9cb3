import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium, type Browser } from "playwright-core";
import { appPage } from "../../src/app/page.js";
import { serveApp } from "../../src/app/serve.js";

/**
 * Times the app in Chromium, from a file of labelled rows to the verdict, beside `optllm backtest` on the same file, and
 * watches its memory and the tasks of its own thread. `--train`: per cent of the rows to fit, and as many to choose
 * settings.
 *
 *     node dist/bench/app/run.js rows.jsonl.gz --predictor auto --train 1
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    predictor: { type: "string", default: "auto" },
    train: { type: "string" },
    repeats: { type: "string", default: "3" },
  },
});
const [file] = positionals;
const { predictor, train } = values;
const repeats = Number(values.repeats);
/** How the rows are split, as options of the command line. */
const split = train === undefined ? [] : ["--train", `${train}%`, "--validation", `${train}%`];

interface Times {
  seconds: number;
  /** The most resident memory that a process of the page has had, MiB. */
  memory: number;
  /** Tasks of the page's own thread above 50 ms until the report is drawn, milliseconds. */
  longTasks: number[];
}

function commandTime(threads: string[]): number {
  const from = performance.now();
  const argv = [
    "dist/src/cli/bin.js",
    "backtest",
    file,
    "--predictor",
    predictor,
    "-q",
    ...split,
    ...threads,
  ];
  execFileSync(process.execPath, argv, { stdio: "ignore" });
  return (performance.now() - from) / 1000;
}

async function pageTimes(browser: Browser, url: string): Promise<Times> {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(url);
  // What cannot be seen takes no text.
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.selectOption("#predictor", predictor);
  for (const id of ["#train", "#validation"]) await page.fill(id, train ?? "");
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { times });
    new PerformanceObserver((list) =>
      list.getEntries().forEach(({ duration }) => times.push(duration)),
    ).observe({
      type: "longtask",
    });
  });
  const from = performance.now();
  await page.setInputFiles("#files", file);
  await page.waitForSelector("#verdict:not([hidden]), #failure:not([hidden])");
  const seconds = (performance.now() - from) / 1000;
  // The report is drawn after the verdict.
  await page.waitForSelector("#frame:not([hidden]), #failure:not([hidden])");
  await page.waitForTimeout(2000);
  if (await page.isVisible("#failure")) throw new Error((await page.textContent("#failure-text")) ?? "");
  const command = (await page.textContent("#verdict-command")) ?? "";
  if (!command.includes(split.join(" "))) throw new Error(`the page did something else: ${command}`);
  const memory = largestRenderer();
  const longTasks = await page.evaluate(() => (window as unknown as { times: number[] }).times);
  await page.close();
  return { seconds, memory, longTasks };
}

/** Of the processes that show pages, the largest peak of resident memory, MiB. Linux only. */
function largestRenderer(): number {
  const peaks = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(name, "cmdline").includes("--type=renderer"))
    .map((name) => Number(/^VmHWM:\s+(\d+)/m.exec(read(name, "status"))?.[1] ?? 0) / 1024);
  return Math.max(0, ...peaks);
}

/** What Linux tells about a process; nothing if it has ended. */
function read(process: string, name: string): string {
  try {
    return readFileSync(`/proc/${process}/${name}`, "latin1");
  } catch {
    return "";
  }
}

const median = (list: number[]): number => list.sort((a, b) => a - b)[list.length >> 1];
const times = async (run: () => Promise<Times> | Times): Promise<string> => {
  const all: Times[] = [];
  for (let k = 0; k < repeats; k++) all.push(await run());
  const seconds = median(all.map((one) => one.seconds)).toFixed(1);
  const memory = Math.max(...all.map((one) => one.memory)).toFixed(0);
  const longest = Math.max(0, ...all.flatMap((one) => one.longTasks)).toFixed(0);
  return memory === "0"
    ? `${seconds} s`
    : `${seconds} s, ${memory} MiB, longest task of the page ${longest} ms`;
};
const command = (threads: string[]) => (): Times => ({
  seconds: commandTime(threads),
  memory: 0,
  longTasks: [],
});

const served = await serveApp(await appPage());
const executablePath = process.env.OPTLLM_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  console.log(`command:                 ${await times(command([]))}`);
  console.log(`page, isolated:          ${await times(() => pageTimes(browser, served.url))}`);
  console.log(`command, one thread:     ${await times(command(["--threads", "1"]))}`);
} finally {
  await browser.close();
  await served.close();
}
