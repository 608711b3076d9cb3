import type { Account, Balance } from "../ledger.js";
import type { Answer, Report } from "./report.js";

/** Requests of the largest size that a process has money for at least. */
const REQUESTS = 4;
/** Micro-dollars that a process has at least, while there are any. */
const LEAST = 10_000;
/** Share of the limit that it has before its first request. */
const FIRST_SHARE = 0.01;
/** How fast the size of the largest request is forgotten. */
const FORGOTTEN_MS = 10_000;

/** What this process has of one account: what it spent, and up to where it may spend. Plain arithmetic. */
export class Part {
  settled = 0;
  reserved = 0;
  requests = 0;
  /** `settled + reserved` never exceeds it, unless answers cost more than was reserved for them. */
  ceiling = 0;
  /** Whether Redis has answered. */
  isKnown = false;
  /** Whether it had less left than it wanted when Redis answered last. */
  isShort = false;
  /** Whether somebody asked for it; otherwise it was made for a period that is about to begin. */
  isUsed = false;
  /** When the last report was made, and when somebody last asked, on this process's clock. */
  reportedAt = -Infinity;
  usedAt = -Infinity;

  private sequence = 0;
  private changes = 1;
  private acknowledged = 0;
  private others = { spent: 0, granted: 0, requests: 0, counted: 0 };
  /** Micro-dollars asked for since the last report; within about `leaseMs` before it; the largest amount lately. */
  private asked = 0;
  private recent = 0;
  private largest = 0;

  /** `leaseMs`: for how long it leases. */
  constructor(
    public account: Account,
    readonly id: string,
    private readonly leaseMs: number,
  ) {}

  /** What can be reserved at once. */
  get free(): number {
    return this.ceiling - this.settled - this.reserved;
  }

  /** Whether Redis does not know all of it yet. */
  get isChanged(): boolean {
    return this.acknowledged < this.changes;
  }

  get room(): number {
    return this.account.limit - this.others.granted - this.settled - this.reserved;
  }

  get balance(): Balance {
    const { spent, granted } = this.others;
    return { settled: spent + this.settled, reserved: granted - spent + this.reserved };
  }

  /** Notes that an amount was asked for, and whether it is there. */
  ask(amount: number, time: number): boolean {
    this.asked += amount;
    this.largest = Math.max(this.largest, amount);
    this.isUsed = true;
    this.usedAt = time;
    return amount === 0 || amount <= this.free;
  }

  hold(amount: number): void {
    this.reserved += amount;
    this.changes++;
  }

  settle(held: number, amount: number): void {
    this.reserved -= held;
    this.settled += amount;
    this.changes++;
  }

  /** Counts requests of this process; returns those of the others since the last call. */
  count(requests: number): number {
    this.requests += requests;
    this.changes++;
    const { requests: all, counted } = this.others;
    this.others.counted = Math.max(all, counted);
    return Math.max(0, all - counted);
  }

  /** Whether there is less than half of what is wanted for the next seconds. */
  get isLow(): boolean {
    return this.free < this.wanted / 2;
  }

  /** A part for the next period goes on at the rate of this one. */
  expectLike({ recent, largest }: Part): void {
    this.recent = recent;
    this.largest = largest;
  }

  /** Makes the next report. From then on it reserves only up to what the report says that it keeps. */
  report(time: number, isLast: boolean): Omit<Report, keyof Fixed> {
    const since = time - this.reportedAt;
    this.recent = this.recent * Math.exp(-since / this.leaseMs) + this.asked;
    this.reportedAt = time;
    this.asked = 0;
    const held = this.settled + this.reserved;
    const want = isLast ? 0 : this.wanted;
    const need = isLast ? 0 : this.largest;
    this.largest = Math.floor(this.largest * Math.exp(-since / FORGOTTEN_MS));
    this.ceiling = Math.max(held, Math.min(this.ceiling, held + want));
    const { id: part, settled, ceiling, requests } = this;
    const { limit, end = 0 } = this.account;
    const tops = { held, ceiling, need: held + need, want: held + want };
    return { part, sequence: ++this.sequence, settled, ...tops, limit, requests, isLast, end };
  }

  /** Takes the answer to a report that was made when there had been this number of changes. */
  take(answer: Answer, report: Pick<Report, "settled" | "requests" | "want">, changes: number): void {
    this.ceiling = answer.ceiling;
    this.acknowledged = changes;
    this.isShort = answer.ceiling < report.want;
    const requests = answer.requests - report.requests;
    // What came before this process did is not news of the requests that it will see.
    const counted = this.isKnown ? this.others.counted : requests;
    const spent = answer.spent - report.settled;
    this.others = { spent, granted: answer.granted - answer.ceiling, requests, counted };
    this.isKnown = true;
  }

  get changeCount(): number {
    return this.changes;
  }

  private get wanted(): number {
    const { recent, asked, largest, account } = this;
    const first = this.isUsed || recent > 0 ? 0 : Math.floor(FIRST_SHARE * account.limit);
    return Math.max(LEAST, first, REQUESTS * largest, Math.ceil(recent + asked));
  }
}

/** The fields of a report that are the same for all parts of a process. */
export type Fixed = Pick<Report, "lapseMs" | "keepMs" | "process" | "epoch" | "lambda">;
