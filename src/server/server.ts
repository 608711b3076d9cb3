import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Ledger } from "../online/ledger/ledger.js";
import { checkConfig } from "./config/check.js";
import type { ServerConfig } from "./config/types.js";
import { serverApp } from "./http/serverApp.js";
import type { Outcome } from "./proxy/call.js";
import { Core } from "./core.js";
import { setUp } from "./setup/setup.js";
import { inherited, learnedOf, readLearned, writeLearned } from "./state/learned.js";
import { learnedFile, openLedger } from "./state/openLedger.js";

/** How a server runs beside its configuration. */
export interface ServerOptions {
  /** Where keys of upstreams are looked up. Default `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Remarks for whoever runs the server, such as a configuration that was refused. */
  onNote?: (text: string) => void;
  /** Every request when it is over: ids, costs and times, no text and no key. */
  onRequest?: (outcome: Outcome) => void;
}

/** A running server. */
export interface Server {
  /** Begins to take requests; where it listens. */
  listen(): Promise<{ url: string }>;
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
  const ledger = await openLedger(checked, env);
  try {
    const file = learnedFile(checked);
    const learned = file === undefined ? undefined : await readLearned(file, note);
    const before = (policy: string): unknown => {
      const policies = learned?.policies ?? {};
      return Object.hasOwn(policies, policy) ? inherited(policies[policy]) : undefined;
    };
    const setup = await setUp(checked, { ledger, now: clockOf(ledger), env, learned: before });
    setup.notes.forEach(note);
    const core = new Core(setup, { onOutcome: options.onRequest });
    core.pins.restore(learned?.pins);
    return new RunningServer(core, await serverApp(core), ledger, env, note, file);
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** The clock of all servers that share a ledger, or this machine's. */
function clockOf({ shared }: Ledger): () => number {
  return shared === undefined ? Date.now : () => shared.now();
}

class RunningServer implements Server {
  private readonly saving: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;
  /** The reload under way: the next one waits for it. */
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: Core,
    private readonly app: FastifyInstance,
    private readonly ledger: Ledger,
    private readonly env: NodeJS.ProcessEnv,
    private readonly note: (text: string) => void,
    private readonly file: string | undefined,
  ) {
    if (file === undefined) return;
    this.saving = setInterval(() => {
      this.save().catch((error: unknown) => note(String((error as Error).message)));
    }, SAVE_MS);
    this.saving.unref();
  }

  async listen(): Promise<{ url: string }> {
    const { host, port } = this.core.setup.config.listen;
    await this.app.listen({ host, port });
    const { address, port: open, family } = this.app.server.address() as AddressInfo;
    return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${open}` };
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
    const { core, ledger, env, note } = this;
    const checked = await checkConfig(config);
    const { setup: before } = core;
    const learned = (policy: string): unknown => {
      const router = before.policies.get(policy)?.router;
      return router && inherited(router.state());
    };
    const setup = await setUp(checked, { ledger, now: clockOf(ledger), env, learned, before });
    setup.notes.forEach(note);
    for (const field of ["listen", "admin", "state", "bodyBytes", "solveQueue"] as const) {
      const [now, old] = [checked, before.config].map((one) =>
        JSON.stringify({ ...one, ...one.limits }[field]),
      );
      if (now !== old) note(`${field} has changed: that takes effect when the server is started again`);
    }
    core.swap(setup);
  }

  private async end(): Promise<void> {
    const { core, app, ledger } = this;
    clearInterval(this.saving);
    core.isDraining = true;
    const closed = app.close();
    await core.drain(app.server);
    await closed;
    await this.reloading;
    try {
      await this.save();
    } finally {
      await ledger.close();
      await core.destroy();
    }
  }

  private async save(): Promise<void> {
    if (this.file === undefined) return;
    const { setup, pins } = this.core;
    await writeLearned(this.file, { policies: learnedOf(setup.policies.values()), pins: pins.state() });
  }
}
