/** One budget in one of its periods. */
export interface Account {
  /** Such as "policy:support" or "key:web". */
  readonly name: string;
  /** When the period began, milliseconds since 1970; a later one is a new account. */
  readonly period: number;
  /** Micro-dollars that may be spent in the period. */
  readonly limit: number;
  /** When the period ends, milliseconds since 1970; absent: never. Some days later a ledger may forget it. */
  readonly end?: number;
}

/** Micro-dollars of an account. */
export interface Balance {
  /** Spent for certain, and what a crash left unknown. */
  settled: number;
  /** Held for requests that are under way. */
  reserved: number;
}

/**
 * Who has spent what. Every amount is a whole number of micro-dollars ≥ 0. A reservation is held in all of its
 * accounts or in none, and ends with its first settlement; a second one changes nothing.
 *
 * A ledger keeps the current period of an account and the one before. What is reserved in an earlier period is settled
 * there.
 */
export interface Ledger {
  /** What is left of an account: limit − settled − reserved; below 0 if answers cost more than was reserved. */
  room(account: Account): number;
  /**
   * Holds an amount in every account, or in none: false if one of them has no room, or if `id` is in use. An amount of
   * 0 always has room.
   */
  reserve(id: string, accounts: readonly Account[], amount: number): boolean;
  /** Ends a reservation: `amount` is spent, the rest is free again. False if there is none of that id. */
  settle(id: string, amount: number): boolean;
  /** What an account has spent and reserved, in micro-dollars. */
  balance(account: Account): Balance;
  /** Resolves when everything reserved and settled so far survives a power cut, as far as this ledger can. */
  commit(): Promise<void>;
  /** The same, and the ledger is not used any more. Reservations that are still open stay so. */
  close(): Promise<void>;
  /** Only of a ledger that several processes share. */
  readonly shared?: SharedPace;
}

/** What routers of several processes tell each other through the ledger that they share. */
export interface SharedPace {
  /** The one clock of all of them, milliseconds since 1970. */
  now(): number;
  /** Resolves when the first requests of these accounts can be reserved. */
  ready(accounts: readonly Account[]): Promise<void>;
  /** Counts requests of an account; returns those of the others since the last call. */
  count(account: Account, requests: number): number;
  /** Takes the λ that this process has found for an account; returns the one that holds for all. */
  agree(account: Account, lambda: number): number;
}
