import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Pool } from "undici";
import { InputError } from "../../errors.js";
import type { Upstream as UpstreamConfig } from "../config/types.js";
import { peer } from "../peers.js";
import { anthropic } from "./anthropic.js";
import type { Api, UpstreamKind } from "./kind.js";
import { openai } from "./openai.js";

/** What an upstream answered; the body must be read or destroyed. */
export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

/** Failures one after another that close an upstream off, and for how long. */
const STRIKES = 10;
const CLOSED_MS = 10_000;

const KINDS: Record<UpstreamConfig["kind"], UpstreamKind> = { openai, anthropic };

/** One upstream: its connections, how many requests it has, and whether it is to be left alone. */
export class Upstream {
  inFlight = 0;
  private strikes = 0;
  private closedUntil = -Infinity;

  private constructor(
    readonly name: string,
    readonly config: UpstreamConfig,
    readonly kind: UpstreamKind,
    private readonly key: string | undefined,
    private readonly pool: Pool,
    private readonly prefix: string,
  ) {}

  /** @throws InputError for a key that the environment lacks. */
  static async open(name: string, config: UpstreamConfig, env: NodeJS.ProcessEnv): Promise<Upstream> {
    const { Pool } = await peer("undici", () => import("undici"));
    const key = config.keyEnv === undefined ? undefined : env[config.keyEnv];
    if (config.keyEnv !== undefined && (key === undefined || key.trim() === ""))
      throw new InputError(
        `upstreams.${name}.keyEnv: the environment has no ${config.keyEnv}; set it to the key of this upstream`,
        { field: `upstreams.${name}.keyEnv` },
      );
    const { origin, pathname } = new URL(config.baseUrl);
    const pool = new Pool(origin, {
      connections: config.maxInFlight,
      pipelining: 1,
      connect: { timeout: config.connectSeconds * 1_000 },
      headersTimeout: config.firstByteSeconds * 1_000,
      bodyTimeout: config.idleSeconds * 1_000,
    });
    return new Upstream(name, config, KINDS[config.kind], key?.trim(), pool, pathname.replace(/\/+$/, ""));
  }

  /** What must not appear in any output. */
  get secrets(): string[] {
    return this.key === undefined ? [] : [this.key];
  }

  /** Whether another configuration describes the same upstream, with the same key. */
  is(config: UpstreamConfig, env: NodeJS.ProcessEnv): boolean {
    const key = config.keyEnv === undefined ? undefined : env[config.keyEnv]?.trim();
    return key === this.key && JSON.stringify(config) === JSON.stringify(this.config);
  }

  /** Whether it may be asked now. */
  isReady(time: number): boolean {
    return this.inFlight < this.config.maxInFlight && !this.isClosed(time);
  }

  /** Whether it asked to be left alone, or failed too often. */
  isClosed(time: number): boolean {
    return time < this.closedUntil;
  }

  /** Milliseconds until it may be asked again. */
  waitMs(time: number): number {
    return Math.max(0, this.closedUntil - time);
  }

  pause(ms: number, time: number): void {
    this.closedUntil = Math.max(this.closedUntil, time + ms);
  }

  failed(time: number): void {
    if (++this.strikes >= STRIKES) this.pause(CLOSED_MS, time);
  }

  succeeded(): void {
    this.strikes = 0;
  }

  /** Sends a request; whoever calls counts it in `inFlight`. Rejects as undici does. */
  async send(
    api: Api,
    body: Record<string, unknown>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const out = this.kind.request(api, body, this.key);
    const {
      statusCode,
      headers: received,
      body: answer,
    } = await this.pool.request({
      method: "POST",
      path: this.prefix + out.path,
      headers: {
        ...headers,
        ...out.headers,
        "content-type": "application/json",
        "accept-encoding": "identity",
      },
      body: out.body,
      signal,
    });
    // Ending it early is no error of anybody's.
    answer.on("error", () => undefined);
    return { status: statusCode, headers: received, body: answer };
  }

  /** Lets open requests end, then closes the connections. */
  close(): Promise<void> {
    return this.pool.close();
  }

  /** Ends every connection now. */
  destroy(): Promise<void> {
    return this.pool.destroy();
  }
}
