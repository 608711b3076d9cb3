import { randomUUID } from "node:crypto";
import { InputError } from "../../../errors.js";
import { shown } from "../../../text/shown.js";
import { checkFields, checkMethods, checkNumber, checkObject, refuse } from "../../checks.js";
import type { Account, Balance, Ledger, SharedPace } from "../ledger.js";
import { checkAmount } from "../memory.js";
import { connect, greet, inTime, redisError, send, type Connection, type RedisClient } from "./client.js";
import { Part } from "./part.js";
import { answerOf, keysOf, type Answer } from "./report.js";

/** Where a shared ledger is, and how it is kept. Give `url` or `client`. */
export interface RedisLedgerOptions {
  /** Address of Redis, such as `redis://localhost:6379`, or `rediss://` with TLS. */
  url?: string;
  /** A client of ioredis that is yours to end: `Redis`, or `Cluster`. */
  client?: RedisClient;
  /** Begins the name of every key: letters, digits, `_`, `.` and `-`. Default "optllm". */
  prefix?: string;
  /** Milliseconds of its spending that each process leases, 100 … 60,000. Default 2,000. */
  leaseMs?: number;
  /**
   * Milliseconds of silence after which a process counts as gone, 100 … 600,000. Then its lease counts as spent, and
   * another one leads. Default 5,000.
   */
  lapseMs?: number;
  /** Days for which the keys of a period are kept after its end. Default 7. */
  keepDays?: number;
}

const FIELDS: Record<keyof RedisLedgerOptions, true> = {
  url: true,
  client: true,
  prefix: true,
  leaseMs: true,
  lapseMs: true,
  keepDays: true,
};
const DAY_MS = 86_400_000;
/** Milliseconds after which changes are reported, and between reports that brought less than was wanted. */
const REPORT_MS = 500;
const SHORT_MS = 100;
/** How long before the end of a period money of the next one is leased. */
const AHEAD_MS = 10_000;
/** A period that is over is given back when nobody has asked for it for this long. */
const UNUSED_MS = 60_000;

/**
 * A ledger that several processes share, in Redis 5 or later. It needs the package ioredis.
 *
 * Each process leases about two seconds of its spending and reserves from that, synchronously and without a round trip;
 * leases are renewed in the background. The leases and what is spent never exceed a limit together, whatever the
 * clocks of the processes show. Without Redis a process uses up its lease, then refuses, and connects again for ever.
 * The lease of a process that is killed counts as spent after `lapseMs`; `close` gives it back. One process leads: its λ
 * holds for all routers of a budget.
 *
 * Redis must keep what it has confirmed: `appendonly yes`, and `appendfsync always` for a machine that may lose power.
 *
 * @throws InputError if Redis cannot be reached or may forget keys, ioredis is not installed, or an option is wrong.
 */
export async function openRedisLedger(options: RedisLedgerOptions): Promise<Ledger> {
  const { url, client, prefix, ...times } = checked(options);
  const connection =
    client === undefined ? await connect(url) : { client, place: "the given client", end: () => undefined };
  try {
    const sent = performance.now();
    const time = await inTime(connection, greet(connection), "start it, or correct the address");
    return new RedisLedger(connection, prefix, times, time - (sent + performance.now()) / 2);
  } catch (error) {
    connection.end();
    throw redisError(error, connection.place);
  }
}

/** The λ of a budget, whatever its period. */
interface Lead {
  /** In which this process leads; 0: it does not. */
  epoch: number;
  /** What it would publish, and what the leader has published. */
  own: number | undefined;
  published: number | undefined;
}

interface Times {
  leaseMs: number;
  lapseMs: number;
  keepMs: number;
}

class RedisLedger implements Ledger, SharedPace {
  readonly shared: SharedPace = this;
  private readonly process = randomUUID();
  private readonly parts = new Map<string, Part>();
  private readonly leads = new Map<string, Lead>();
  private readonly open = new Map<string, { amount: number; parts: Part[] }>();
  /** Reports that are under way. */
  private readonly sending = new Map<Part, Promise<void>>();
  /** Parts that are to be reported before the next tick. */
  private readonly due = new Set<Part>();
  private readonly reportMs: number;
  private readonly timer: NodeJS.Timeout;
  private made = 0;
  private isClosed = false;

  /** `offset`: what Redis's clock shows beyond `performance.now()`. */
  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
    private readonly times: Times,
    private offset: number,
  ) {
    this.reportMs = Math.min(REPORT_MS, times.lapseMs / 3);
    this.timer = setInterval(() => this.tick(), this.reportMs / 2);
    this.timer.unref();
  }

  room(account: Account): number {
    return this.partOf(account).room;
  }

  balance(account: Account): Balance {
    return this.partOf(account).balance;
  }

  reserve(id: string, accounts: readonly Account[], amount: number): boolean {
    checkAmount(amount);
    if (this.isClosed || this.open.has(id)) return false;
    const parts = accounts.map((account) => this.partOf(account));
    const time = performance.now();
    let isThere = true;
    for (const part of parts) if (!part.ask(amount, time)) isThere = false;
    if (isThere) {
      this.open.set(id, { amount, parts });
      for (const part of parts) part.hold(amount);
    }
    for (const part of parts) this.renewIfLow(part, time);
    return isThere;
  }

  settle(id: string, amount: number): boolean {
    checkAmount(amount);
    const held = this.open.get(id);
    if (held === undefined) return false;
    this.open.delete(id);
    for (const part of held.parts) part.settle(held.amount, amount);
    return true;
  }

  commit(): Promise<void> {
    return this.inTime(
      [...this.parts.values()].map((part) => this.reported(part)),
      "it may not know what was settled last",
    );
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.timer);
    try {
      await this.inTime(
        [...this.parts.values()].map(async (part) => {
          await this.sending.get(part)?.catch(() => undefined);
          await this.send(part, true);
        }),
        "the lease of this process was not given back and counts as spent",
      );
    } finally {
      this.connection.end();
    }
  }

  now(): number {
    return performance.now() + this.offset;
  }

  ready(accounts: readonly Account[]): Promise<void> {
    const parts = accounts.map((account) => this.partOf(account)).filter(({ isKnown }) => !isKnown);
    return this.inTime(
      parts.map((part) => this.send(part)),
      "there is no money to reserve yet",
    );
  }

  count(account: Account, requests: number): number {
    return this.partOf(account).count(requests);
  }

  agree(account: Account, lambda: number): number {
    const lead = this.leadOf(account.name);
    lead.own = lambda;
    return lead.epoch > 0 ? lambda : (lead.published ?? lambda);
  }

  private partOf(account: Account): Part {
    const key = `${account.period} ${account.name}`;
    const known = this.parts.get(key);
    if (known !== undefined) {
      known.account = account;
      return known;
    }
    const part = new Part(account, `${this.process}.${this.made++}`, this.times.leaseMs);
    this.parts.set(key, part);
    this.soon(part);
    return part;
  }

  private leadOf(name: string): Lead {
    let lead = this.leads.get(name);
    if (lead === undefined) this.leads.set(name, (lead = { epoch: 0, own: undefined, published: undefined }));
    return lead;
  }

  /** Asks for more before there is none left; where there is less than wanted, not all the time. */
  private renewIfLow(part: Part, time: number): void {
    if (!part.isLow) return;
    if (part.isShort && time - part.reportedAt < SHORT_MS) return;
    this.soon(part);
  }

  /** Reports a part when the work at hand is done: many requests are one report. */
  private soon(part: Part): void {
    if (this.isClosed || this.sending.has(part)) return;
    if (this.due.size === 0) {
      setImmediate(() => {
        for (const one of this.due) this.send(one).catch(() => undefined);
        this.due.clear();
      });
    }
    this.due.add(part);
  }

  /** Reports what has changed, shows that the process lives, and leases for the period to come. */
  private tick(): void {
    const time = performance.now();
    for (const part of [...this.parts.values()]) {
      const since = time - part.reportedAt;
      const isDue = part.isChanged || part.isShort ? this.reportMs : this.times.lapseMs / 3;
      const { end = Infinity } = part.account;
      const left = end - this.now();
      if (left < 0 && part.reserved === 0 && time - part.usedAt > UNUSED_MS) this.giveBack(part);
      else if (since >= isDue || !part.isKnown) this.soon(part);
      if (part.isUsed && Math.abs(left) < AHEAD_MS) this.leaseNext(part);
    }
  }

  private leaseNext({ account }: Part): void {
    const { name, period, limit, end } = account;
    if (end === undefined || this.parts.has(`${end} ${name}`)) return;
    // About as long as this one; the router says when it ends.
    const part = this.partOf({ name, period: end, limit, end: end + (end - period) });
    part.expectLike(this.partOf(account));
  }

  private giveBack(part: Part): void {
    if (this.sending.has(part)) return;
    this.parts.delete(`${part.account.period} ${part.account.name}`);
    this.send(part, true).catch(() => undefined);
  }

  /** Reports a part, once at a time. */
  private send(part: Part, isLast = false): Promise<void> {
    const under = this.sending.get(part);
    if (under !== undefined) return under;
    const sent = this.exchange(part, isLast).finally(() => this.sending.delete(part));
    this.sending.set(part, sent);
    return sent;
  }

  private async exchange(part: Part, isLast: boolean): Promise<void> {
    const { name, period } = part.account;
    const { lapseMs, keepMs } = this.times;
    const lead = this.leadOf(name);
    const time = performance.now();
    const changes = part.changeCount;
    const report = part.report(time, isLast);
    const { epoch, own } = lead;
    const fixed = {
      lapseMs,
      keepMs,
      process: this.process,
      epoch,
      lambda: own === undefined ? "" : `${own}`,
    };
    const keys = keysOf(this.prefix, name, period);
    let answer: Answer;
    try {
      answer = answerOf(await send(this.connection, keys, JSON.stringify({ ...report, ...fixed })));
    } catch (error) {
      throw redisError(error, this.connection.place);
    }
    part.take(answer, report, changes);
    lead.epoch = answer.epoch;
    lead.published = answer.lambda;
    this.offset = answer.time - (time + performance.now()) / 2;
  }

  /** Resolves when Redis knows all of a part. */
  private async reported(part: Part): Promise<void> {
    while (part.isChanged) await this.send(part);
  }

  private async inTime(work: Promise<void>[], consequence: string): Promise<void> {
    await inTime(this.connection, Promise.all(work), consequence);
  }
}

function checked(options: RedisLedgerOptions) {
  checkObject("options", options, "{ url } or { client }");
  checkFields("options", options, FIELDS);
  const { url, client, prefix = "optllm", leaseMs = 2_000, lapseMs = 5_000, keepDays = 7 } = options;
  if ((url === undefined) === (client === undefined))
    throw new InputError("give url or client, one of them: where Redis is", { field: "url" });
  if (client !== undefined)
    checkMethods("client", client, ["evalsha", "eval", "time", "info"], "a client of ioredis");
  if (typeof prefix !== "string" || !/^[\w.-]{1,100}$/.test(prefix))
    refuse("prefix", shown(prefix), "1 … 100 letters, digits, _, . and -");
  const range = (most: number) => ({ least: 100, most, expected: `milliseconds, 100 … ${most}` });
  checkNumber("leaseMs", leaseMs, range(60_000));
  checkNumber("lapseMs", lapseMs, range(600_000));
  checkNumber("keepDays", keepDays, { least: 1, most: 3_650, expected: "days, 1 … 3,650" });
  return { url, client, prefix, leaseMs, lapseMs, keepMs: keepDays * DAY_MS };
}
