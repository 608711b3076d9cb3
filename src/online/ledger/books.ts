import type { Account, Balance } from "./ledger.js";

/** Money held for one request. */
export interface Reservation {
  id: string;
  amount: number;
  accounts: { name: string; period: number }[];
}

interface Books {
  period: number;
  now: Balance;
  before: { period: number; balance: Balance } | undefined;
}

/** Balances and open reservations in memory: the arithmetic that every ledger shares. */
export class AccountBooks {
  private readonly accounts = new Map<string, Books>();
  readonly open = new Map<string, Reservation>();

  /** Micro-dollars settled and reserved in a period; of an unknown period none. */
  balance({ name, period }: Pick<Account, "name" | "period">): Balance {
    return { ...(this.find(name, period) ?? { settled: 0, reserved: 0 }) };
  }

  room({ name, period, limit }: Account): number {
    const balance = this.find(name, period);
    return balance === undefined ? limit : limit - balance.settled - balance.reserved;
  }

  /** Whether an amount may be held; see `Ledger.reserve`. */
  fits(id: string, accounts: readonly Account[], amount: number): boolean {
    if (this.open.has(id)) return false;
    if (amount === 0) return true;
    for (const account of accounts) if (this.room(account) < amount) return false;
    return true;
  }

  hold({ id, amount, accounts }: Reservation): void {
    this.open.set(id, { id, amount, accounts });
    for (const { name, period } of accounts) this.in(name, period).reserved += amount;
  }

  /** Ends a reservation; returns it, or undefined if there is none. */
  settle(id: string, amount: number): Reservation | undefined {
    const held = this.open.get(id);
    if (held === undefined) return undefined;
    this.open.delete(id);
    for (const { name, period } of held.accounts) {
      const balance = this.in(name, period);
      balance.reserved -= held.amount;
      balance.settled += amount;
    }
    return held;
  }

  /** Sets what an account has settled, as a snapshot says. */
  restore(name: string, period: number, settled: number): void {
    this.in(name, period).settled = settled;
  }

  /** What was settled in every period that is kept. */
  *settled(): Generator<{ name: string; period: number; settled: number }> {
    for (const [name, { before, period, now }] of this.accounts) {
      if (before) yield { name, period: before.period, settled: before.balance.settled };
      yield { name, period, settled: now.settled };
    }
  }

  private find(name: string, period: number): Balance | undefined {
    const books = this.accounts.get(name);
    if (books?.period === period) return books.now;
    return books?.before?.period === period ? books.before.balance : undefined;
  }

  /** The balance of a period, kept from now on. Of a period older than the last two it is a balance that nobody keeps. */
  private in(name: string, period: number): Balance {
    const books = this.accounts.get(name);
    const fresh = { settled: 0, reserved: 0 };
    if (books === undefined) {
      this.accounts.set(name, { period, now: fresh, before: undefined });
      return fresh;
    }
    const found = this.find(name, period);
    if (found !== undefined) return found;
    if (period > books.period) {
      books.before = { period: books.period, balance: books.now };
      books.period = period;
      books.now = fresh;
    } else if (books.before === undefined || period > books.before.period) {
      books.before = { period, balance: fresh };
    }
    return fresh;
  }
}
