// What the proxy adds to its upstream: `node dist/bench/serve.js`; see README.md.
import { rm } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../src/random.js";
import { load, quantile, type Load } from "./serve/buffered.js";
import { pinSelf, startPinned, type Pinned } from "./serve/pinned.js";
import { paced } from "./serve/paced.js";
import { runStreams } from "./serve/streams.js";
import { chatBody, HEADERS, textsOf, writeTarget } from "./serve/target.js";

const { values: given } = parseArgs({
  options: {
    /** Those of buffered, route, solve and streams that are measured. */
    only: { type: "string", default: "buffered,route,solve,streams" },
    seconds: { type: "string", default: "10" },
    pairs: { type: "string", default: "3" },
    /** Before anything is measured. */
    warm: { type: "string", default: "5" },
    rate: { type: "string", default: "500" },
    streams: { type: "string", default: "1000" },
    "stream-seconds": { type: "string", default: "60" },
    "stream-tokens": { type: "string", default: "400" },
    /** Milliseconds between two tokens of a stream. */
    "stream-every": { type: "string", default: "40" },
    /** A fitted predictor; one that is missing is fitted and kept there. */
    predictor: { type: "string" },
    /** Arguments of Node for the server, such as --cpu-prof. */
    node: { type: "string", default: "" },
    /** Another gateway to the same upstream: a file that Node runs, its address, and its headers as JSON. */
    gateway: { type: "string" },
    "gateway-url": { type: "string", default: "http://127.0.0.1:8787/v1/chat/completions" },
    "gateway-headers": { type: "string", default: "{}" },
  },
});
const only = new Set(given.only.split(","));
const seconds = Number(given.seconds);
const pairs = Number(given.pairs);
const warm = Number(given.warm);
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const TEXTS = 2_000;
const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

if (process.platform !== "linux" || availableParallelism() < 2)
  throw new Error("this needs Linux (taskset, /proc) and two cores");
const texts = textsOf(TEXTS);
const mock = await startPinned(
  LOAD_CORE,
  [built("serve/mock.js"), given["stream-every"]],
  "/tmp/optllm-bench-mock.txt",
);
const { folder, file } = await writeTarget(`${mock.url}/v1`, given.predictor);
const nodeArgs = given.node.split(" ").filter((arg) => arg !== "");
const server = await startPinned(
  SERVER_CORE,
  [...nodeArgs, built("../src/cli/bin.js"), "serve", file],
  join(folder, "server.txt"),
);
pinSelf(LOAD_CORE);
console.log(`Node ${process.version}, load average ${loadavg()[0].toFixed(1)} at the start`);
try {
  if (only.has("buffered")) await buffered();
  if (only.has("route"))
    await most(
      "/v1/route",
      texts.map((text) => chatBody(text)),
    );
  if (only.has("solve")) await most("/v1/solve", solveBodies());
  if (only.has("streams")) await streams();
} finally {
  await server.stop();
  await mock.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);

/** Complete answers at a rate: directly, and through the server, in turns. */
async function buffered(): Promise<void> {
  const rate = Number(given.rate);
  const bodies = texts.map((text) => chatBody(text));
  const ways: [string, string, Pinned, Record<string, string>?][] = [
    ["directly", mock.url, mock],
    ["through OptLLM", server.url, server],
  ];
  let other: Pinned | undefined;
  if (given.gateway !== undefined) {
    const url = given["gateway-url"];
    other = await startPinned(SERVER_CORE, [given.gateway], join(folder, "gateway.txt"), { url });
    const headers = JSON.parse(given["gateway-headers"].replaceAll("MOCK", `${mock.url}/v1`)) as Record<
      string,
      string
    >;
    ways.push([
      "through the other",
      new URL(url).origin,
      other,
      { "content-type": "application/json", ...headers },
    ]);
  }
  console.log(`\ncomplete answers, ${rate} requests a second, ${seconds} s each, in turns`);
  for (const [, url, , headers] of ways)
    await paced(`${url}/v1/chat/completions`, bodies, warm, rate, headers);
  for (let pair = 1; pair <= pairs; pair++)
    for (const [name, url, process, headers] of ways) {
      const before = process.cpu();
      const run = await paced(`${url}/v1/chat/completions`, bodies, seconds, rate, headers);
      row(`${pair} ${name}`, run, process.cpu() - before);
    }
  await other?.stop();
}

/** An endpoint as fast as it answers. */
async function most(path: string, bodies: string[]): Promise<void> {
  const status = await statusOf(path, bodies[0]);
  console.log(`\n${path}, as fast as it answers, ${seconds} s each`);
  if (status !== 200) return console.log(`  left out: it answers with status ${status}`);
  await load(server.url + path, bodies, warm);
  for (let run = 1; run <= pairs; run++) {
    const before = server.cpu();
    row(String(run), await load(server.url + path, bodies, seconds), server.cpu() - before);
  }
}

async function streams(): Promise<void> {
  const options = {
    streams: Number(given.streams),
    seconds: Number(given["stream-seconds"]),
    tokens: Number(given["stream-tokens"]),
  };
  console.log(
    `\n${options.streams} streams at once, one token each ${given["stream-every"]} ms, ${options.tokens} tokens each`,
  );
  for (const [name, { url }] of [
    ["directly", mock],
    ["through OptLLM", server],
  ] as const) {
    const memory: number[] = [];
    const [cpu, wall] = [server.cpu(), options.seconds];
    const run = await runStreams(`${url}/v1/chat/completions`, texts, options, (second) => {
      if (second % 10 === 0) memory.push(server.memory());
    });
    const used = server.cpu() - cpu;
    console.log(
      `  ${name}: ${Math.round(run.chunks / run.seconds)} chunks a second, ${run.complete} streams complete, ${run.broken} broken; ` +
        `written to read p50 ${run.p50} ms, p99 ${run.p99} ms`,
    );
    if (url === mock.url) continue;
    console.log(
      `  CPU of the server: ${((used / run.chunks) * 1e6).toFixed(1)} µs a chunk, ${((100 * used) / wall).toFixed(0)} % of a core\n` +
        `  memory in MiB, every 10 s: ${memory.map((mib) => mib.toFixed(0)).join(" ")}`,
    );
  }
}

function row(name: string, { requests, seconds: took, times, failed }: Load, cpu: number): void {
  const at = (share: number): string => quantile(times, share).toFixed(2).padStart(7);
  console.log(
    `  ${name.padEnd(20)} ${Math.round(requests / took)} a second, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `CPU ${((cpu / requests) * 1e6).toFixed(0)} µs a request${failed > 0 ? `, ${failed} FAILED` : ""}`,
  );
}

async function statusOf(path: string, body: string): Promise<number> {
  return (await fetch(server.url + path, { method: "POST", headers: HEADERS, body })).status;
}

/**
 * Problems of 100 queries and six models, costs in whole micro-dollars, each with a budget between the cheapest and the
 * dearest plan, so that plans are searched for beyond the front.
 */
function solveBodies(): string[] {
  return Array.from({ length: 50 }, (_, seed) => {
    const random = new Random(seed);
    const cost: number[][] = [];
    const successProbability: number[][] = [];
    for (let q = 0; q < 100; q++) {
      const [length, ease] = [Math.exp(1.2 * (random.uniform() - 0.5)), random.uniform() - 0.5];
      const row = (of: (m: number) => number): number[] => Array.from({ length: 6 }, (_, m) => of(m));
      cost.push(row((m) => Math.round(300 * 2.5 ** m * length * (0.8 + 0.4 * random.uniform())) / 1e6));
      successProbability.push(row((m) => Number((0.35 + 0.09 * m + 0.4 * ease * (1 - m / 8)).toFixed(4))));
    }
    const sum = (m: number): number => cost.reduce((total, row) => total + row[m], 0);
    const budget = Number((sum(0) + (0.1 + 0.7 * random.uniform()) * (sum(5) - sum(0))).toFixed(6));
    const models = ["a", "b", "c", "d", "e", "f"];
    return JSON.stringify({ models, cost, successProbability, target: { budget } });
  });
}
