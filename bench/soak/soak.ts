import { createHash } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import type { Outcome } from "../../src/server/proxy/call.js";
import type { ServerConfig } from "../../src/server/config/types.js";
import { createServer } from "../../src/server/server.js";
import { ask, KEYS, type Endings } from "./clients.js";
import { FaultyUpstream, PRICES } from "./upstream.js";

export interface SoakOptions {
  seconds: number;
  /** Requests at the same time. */
  connections: number;
  seed: number;
  /** Dollars of the budget that is used up. */
  tightDollars: number;
  /** Hears of the state every ten seconds. */
  onNote?: (text: string) => void;
}

/** What a soak found. All money is micro-dollars. */
export interface SoakResult {
  endings: Endings;
  /** What went wrong upstream. */
  faults: FaultyUpstream["counts"];
  /** Requests that the server reported. */
  outcomes: number;
  /** Requests whose cost the upstream reported, and those of them whose cost differs from the upstream's own bill. */
  exact: number;
  differing: string[];
  /** Sum of the exact costs. */
  exactMicros: number;
  /** Requests whose cost was estimated: how many, what was charged, and what the upstream billed. */
  estimated: number;
  estimatedMicros: number;
  estimatedBill: number;
  /** By policy: its limit, what its ledger has spent, what the outcomes add up to, the largest spent + reserved seen. */
  budgets: Record<string, { limit: number; spent: number; charged: number; bill: number; most: number }>;
  /** Reserved when all was over; must be 0. */
  reserved: number;
  /** Bills of requests that the server never reported; must be 0. */
  unclaimed: number;
  /** Requests still open at the upstream when all was over; must be 0. */
  openUpstream: number;
  /** Sockets of this process before the first request, at most, and after the last. */
  sockets: { before: number; most: number; after: number };
  /** MiB of this process, in equal steps. */
  memory: number[];
}

const STEP_MS = 1_000;
const NOTE_MS = 10_000;
const FDS = "/proc/self/fd";
const WIDE_DOLLARS = 10_000;
/** Idle connections are kept for some seconds. */
const SETTLING_MS = 20_000;

/** Runs a server between clients that hang up and an upstream that fails, and compares the books of both. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), "optllm-soak-"));
  const upstream = await FaultyUpstream.start(options.seed);
  const books = new Books(upstream);
  const server = await createServer(await configOf(folder, upstream.baseUrl, options.tightDollars), {
    onRequest: (outcome) => books.enter(outcome),
  });
  try {
    const { url } = await server.listen();
    return await run(url, upstream, books, options);
  } finally {
    await server.close();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(
  url: string,
  upstream: FaultyUpstream,
  books: Books,
  { seconds, connections, seed, onNote = () => undefined }: SoakOptions,
): Promise<SoakResult> {
  const sockets = { before: openSockets(), most: 0, after: 0 };
  const memory: number[] = [];
  const most: Record<string, number> = {};
  const start = performance.now();
  let noted = -Infinity;
  const watch = async (): Promise<void> => {
    for (const [name, { spent, reserved }] of Object.entries(await balances(url)))
      most[name] = Math.max(most[name] ?? 0, spent + reserved);
    sockets.most = Math.max(sockets.most, openSockets());
    const ms = performance.now() - start;
    if (ms - noted < NOTE_MS) return;
    noted = ms;
    memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
    onNote(
      `${Math.round(ms / 1_000)} s: ${books.count} requests, ${memory.at(-1)} MiB, ${openSockets()} sockets`,
    );
  };
  let watching: Promise<void> = watch();
  const timer = setInterval(() => (watching = watching.then(watch)), STEP_MS);
  const endings = await ask(url, { connections, until: performance.now() + seconds * 1_000, seed });
  clearInterval(timer);
  await watching;
  const end = performance.now() + SETTLING_MS;
  do {
    await new Promise((resolve) => setTimeout(resolve, 200));
    sockets.after = openSockets();
  } while (performance.now() < end && sockets.after > sockets.before);
  const accounts = await balances(url);
  const budgets = Object.fromEntries(
    Object.entries(accounts).map(([name, { limit, spent }]) => {
      const { charged, bill } = books.of(name);
      return [name, { limit, spent, charged, bill, most: Math.max(most[name], spent) }];
    }),
  );
  return {
    ...{ endings, faults: upstream.counts, outcomes: books.count, sockets, memory, budgets },
    ...{ exact: books.exact, differing: books.differing, exactMicros: books.exactMicros },
    ...{ estimated: books.estimates.length, ...books.estimateSums() },
    reserved: Object.values(accounts).reduce((sum, { reserved }) => sum + reserved, 0),
    unclaimed: upstream.unclaimed,
    openUpstream: upstream.open,
  };
}

/** What the server says of its requests, compared with the upstream's bills. */
class Books {
  count = 0;
  exact = 0;
  exactMicros = 0;
  readonly differing: string[] = [];
  readonly estimates: { policy: string; id: string; charged: number }[] = [];
  private readonly sums = new Map<string, { charged: number; bill: number }>();
  private isClosed = false;
  private estimatedBill = 0;

  constructor(private readonly upstream: FaultyUpstream) {}

  enter({ requestId, policy, cost, isEstimated, attempts, status }: Outcome): void {
    this.count++;
    const micros = cost * 1e6;
    if (policy === undefined) return;
    this.add(policy, micros, 0);
    // The upstream may still be at work on a request whose client has gone: its bill is read at the end.
    if (isEstimated) this.estimates.push({ policy, id: requestId, charged: micros });
    else {
      const bill = this.upstream.takeBill(requestId);
      this.exact++;
      this.exactMicros += bill;
      this.add(policy, 0, bill);
      if (Math.abs(micros - bill) > 1e-6)
        this.differing.push(
          `${requestId}: charged ${micros}, billed ${bill}, ${attempts} attempts, status ${status}`,
        );
    }
  }

  of(policy: string): { charged: number; bill: number } {
    this.estimateSums();
    return this.sums.get(policy) ?? { charged: 0, bill: 0 };
  }

  estimateSums(): { estimatedMicros: number; estimatedBill: number } {
    if (!this.isClosed)
      for (const { policy, id } of this.estimates) {
        const bill = this.upstream.takeBill(id);
        this.estimatedBill += bill;
        this.add(policy, 0, bill);
      }
    this.isClosed = true;
    const estimatedMicros = this.estimates.reduce((sum, { charged }) => sum + charged, 0);
    return { estimatedMicros, estimatedBill: this.estimatedBill };
  }

  private add(policy: string, charged: number, bill: number): void {
    const sum = this.sums.get(policy) ?? { charged: 0, bill: 0 };
    this.sums.set(policy, { charged: sum.charged + charged, bill: sum.bill + bill });
  }
}

type Balance = { limit: number; spent: number; reserved: number };

/** Micro-dollars of both policies, as the server tells them. */
async function balances(url: string): Promise<Record<string, Balance>> {
  const found: Record<string, Balance> = {};
  for (const [policy, key] of Object.entries(KEYS)) {
    // A connection that is kept would count as a socket that is left.
    const { body } = await request(`${url}/policies/${policy}`, {
      headers: { authorization: `Bearer ${key}` },
      reset: true,
    });
    const { budgets } = (await body.json()) as {
      budgets: { name: string; spent: number; reserved: number; left: number }[];
    };
    const { spent, reserved, left } = budgets.find(({ name }) => name === `policy:${policy}`)!;
    const micros = (dollars: number): number => Math.round(dollars * 1e6);
    found[policy] = {
      limit: micros(spent + reserved + left),
      spent: micros(spent),
      reserved: micros(reserved),
    };
  }
  return found;
}

/** Read at once: many small steps would take long where the event loop is busy. */
function openSockets(): number {
  return readdirSync(FDS).filter((name) => {
    try {
      return readlinkSync(join(FDS, name)).startsWith("socket:");
    } catch {
      // The folder was read through a descriptor that is closed again.
      return false;
    }
  }).length;
}

async function configOf(folder: string, baseUrl: string, tightDollars: number): Promise<ServerConfig> {
  const predictor = join(folder, "soak.optllm");
  await writeFile(predictor, await fitted());
  const upstream = { baseUrl, firstByteSeconds: 1, idleSeconds: 1, maxInFlight: 1_000 };
  const model = (name: string): { price: { input: number; output: number } } => ({ price: PRICES[name] });
  const budget = (dollars: number) => ({ dollars, period: "total" as const, isPaced: false });
  const hash = (key: string): string => createHash("sha256").update(key).digest("hex");
  return {
    version: 1,
    predictor,
    listen: { port: 0 },
    admin: false,
    upstreams: { one: upstream, two: { ...upstream, baseUrl: baseUrl.replace("127.0.0.1", "localhost") } },
    models: {
      small: { upstream: "one", ...model("small") },
      large: { upstream: "two", ...model("large") },
      vectors: { upstream: "one", serves: "embeddings", ...model("vectors") },
    },
    policies: {
      wide: { lambda: 0, explore: 0.5, budget: budget(WIDE_DOLLARS) },
      tight: { lambda: 0, explore: 0.5, budget: budget(tightDollars) },
    },
    keys: Object.entries(KEYS).map(([name, key]) => ({ name, sha256: hash(key), policies: [name] })),
    state: { kind: "file", path: join(folder, "state") },
    limits: { deadlineSeconds: 10, drainSeconds: 2 },
  };
}

/** Two models, of which the large one is the better. */
async function fitted(): Promise<Uint8Array> {
  const count = 40;
  const dataset = {
    ids: Array.from({ length: count }, (_, q) => String(q)),
    models: ["small", "large"],
    queries: Array.from({ length: count }, (_, q) => `query number ${q}`),
    outcome: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 1 || i % 4 === 0 ? 1 : 0)),
    cost: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 1 ? 3e-4 : 6e-5)),
  };
  return savePredictor(await fitPredictor(dataset, [], { predictor: "base-rate" }));
}
