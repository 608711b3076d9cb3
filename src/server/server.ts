import type { FastifyInstance } from "fastify";
import type { Ledger } from "../online/ledger/ledger.js";
import { memoryLedger } from "../online/ledger/memory.js";
import { logDecisions, type DecisionLogWriter } from "../online/log/writer.js";
import { adminApp } from "./admin/adminApp.js";
import { checkConfig } from "./config/check.js";
import type { CheckedConfig, ServerConfig } from "./config/types.js";
import { Connections } from "./http/connections.js";
import { faultText } from "./http/fault.js";
import { listenAt } from "./http/listen.js";
import { serverApp } from "./http/serverApp.js";
import { openMetrics } from "./metrics/metrics.js";
import type { Outcome } from "./proxy/call.js";
import { Core } from "./core.js";
import { setUp } from "./setup/setup.js";
import { openTracing } from "./tracing/tracing.js";
import { inherited, learnedOf, readLearned, writeLearned } from "./state/learned.js";
import { learnedFile, openLedger } from "./state/openLedger.js";

/** How a server runs beside its configuration. */
export interface ServerOptions {
  /** Where keys of upstreams are looked up. Default `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Remarks for whoever runs the server, such as a configuration that was refused. */
  onNote?: (text: string) => void;
  /**
   * A dry run: decisions are made, logged and counted, and every request is passed to this model. Budgets count what the
   * decisions cost, as predicted where another model answers; they refuse nothing, and nothing of them is kept.
   */
  dryRun?: string;
  /** Every request when it is over: ids, costs and times, no text and no key. */
  onRequest?: (outcome: Outcome) => void;
}

/** Where a server listens. */
export interface Addresses {
  url: string;
  /** Of metrics and the status page; undefined without them. */
  adminUrl: string | undefined;
}

/** A running server. */
export interface Server {
  /**
   * Begins to take requests; where it listens.
   *
   * @throws InputError for an address that cannot be used.
   */
  listen(): Promise<Addresses>;
  /**
   * Takes another configuration. It is made completely before it is used; requests under way keep theirs.
   *
   * @throws InputError for one that is wrong; the old one then stays.
   */
  reload(config: ServerConfig): Promise<void>;
  /** Takes no more requests, lets those under way end within `drainSeconds`, settles and saves, and ends. */
  close(): Promise<void>;
}

const SAVE_MS = 60_000;

/**
 * Makes a server from its configuration, with paths as `readConfig` gives them. It takes requests once `listen` was
 * called.
 *
 * @throws InputError naming what is wrong in the configuration, a missing key, a model without a price.
 */
export async function createServer(config: ServerConfig, options: ServerOptions = {}): Promise<Server> {
  const checked = await checkConfig(config);
  const note = options.onNote ?? ((): void => undefined);
  const env = options.env ?? process.env;
  const { dryRun } = options;
  const isDry = dryRun !== undefined;
  const ledger = isDry ? memoryLedger() : await openLedger(checked, env);
  let log: DecisionLogWriter | undefined;
  try {
    log = openLog(checked, note);
    const file = isDry ? undefined : learnedFile(checked);
    const learned = file === undefined ? undefined : await readLearned(file, note);
    const before = (policy: string): unknown => {
      const policies = learned?.policies ?? {};
      return Object.hasOwn(policies, policy) ? inherited(policies[policy]) : undefined;
    };
    const setup = await setUp(checked, { ledger, log, now: clockOf(ledger), env, learned: before, dryRun });
    setup.notes.forEach(note);
    const core = new Core(setup, await openTracing());
    core.listeners.push({ onOutcome: options.onRequest, onFault: (error) => note(faultText(error)) });
    core.pins.restore(learned?.pins);
    const apps = { app: await serverApp(core), admin: await openAdmin(core, log) };
    return new RunningServer(core, apps, { ledger, log, env, note, file, dryRun });
  } catch (error) {
    await log?.close();
    await ledger.close();
    throw error;
  }
}

function openLog({ log }: CheckedConfig, note: (text: string) => void): DecisionLogWriter | undefined {
  if (log === undefined) return undefined;
  const { path, ...options } = log;
  return logDecisions(path, { ...options, onError: ({ message }) => note(`log: ${message}`) });
}

async function openAdmin(
  core: Core,
  log: DecisionLogWriter | undefined,
): Promise<FastifyInstance | undefined> {
  const { admin } = core.setup.config;
  if (admin === false) return undefined;
  return adminApp(core, await openMetrics(core, () => log?.lost), admin.host);
}

/** What a running server needs beside its configuration. */
interface Around {
  ledger: Ledger;
  log: DecisionLogWriter | undefined;
  env: NodeJS.ProcessEnv;
  note: (text: string) => void;
  /** Where what was learned is saved. */
  file: string | undefined;
  dryRun: string | undefined;
}

/** The clock of all servers that share a ledger, or this machine's. */
function clockOf({ shared }: Ledger): () => number {
  return shared === undefined ? Date.now : () => shared.now();
}

class RunningServer implements Server {
  private readonly connections: Connections;
  private readonly saving: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;
  /** The reload under way: the next one waits for it. */
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: Core,
    private readonly apps: { app: FastifyInstance; admin: FastifyInstance | undefined },
    private readonly around: Around,
  ) {
    this.connections = new Connections(apps.app.server);
    const { file, note } = around;
    if (file === undefined) return;
    this.saving = setInterval(() => {
      this.save().catch((error: unknown) => note(String((error as Error).message)));
    }, SAVE_MS);
    this.saving.unref();
  }

  async listen(): Promise<Addresses> {
    const { listen, admin } = this.core.setup.config;
    const { app, admin: adminApp } = this.apps;
    const adminUrl = adminApp && admin ? await listenAt(adminApp, "admin", admin) : undefined;
    return { url: await listenAt(app, "listen", listen), adminUrl };
  }

  reload(config: ServerConfig): Promise<void> {
    const next = this.reloading.then(() => this.take(config));
    this.reloading = next.catch(() => undefined);
    return next;
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async take(config: ServerConfig): Promise<void> {
    const { core } = this;
    const { ledger, log, env, note, dryRun } = this.around;
    const checked = await checkConfig(config);
    const { setup: before } = core;
    const learned = (policy: string): unknown => {
      const router = before.policies.get(policy)?.router;
      return router && inherited(router.state());
    };
    const setup = await setUp(checked, { ledger, log, now: clockOf(ledger), env, learned, before, dryRun });
    setup.notes.forEach(note);
    for (const field of ["listen", "admin", "state", "log", "bodyBytes", "solveQueue"] as const) {
      const [now, old] = [checked, before.config].map((one) =>
        JSON.stringify({ ...one, ...one.limits }[field]),
      );
      if (now !== old) note(`${field} has changed: that takes effect when the server is started again`);
    }
    core.swap(setup);
  }

  private async end(): Promise<void> {
    const { core } = this;
    const { ledger, log } = this.around;
    const { app, admin } = this.apps;
    clearInterval(this.saving);
    core.isDraining = true;
    const closed = app.close();
    await core.drain(app.server, this.connections);
    await closed;
    await this.reloading;
    admin?.server.closeAllConnections();
    await admin?.close();
    try {
      await this.save();
    } finally {
      await log?.close();
      await ledger.close();
      await core.destroy();
    }
  }

  private async save(): Promise<void> {
    const { file } = this.around;
    if (file === undefined) return;
    const { setup, pins } = this.core;
    await writeLearned(file, { policies: learnedOf(setup.policies.values()), pins: pins.state() });
  }
}
