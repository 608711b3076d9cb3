import { refuse } from "../checks.js";
import { AccountBooks } from "./books.js";
import type { Account, Ledger } from "./ledger.js";

/** A ledger that ends with the process. */
export function memoryLedger(): Ledger {
  const books = new AccountBooks();
  return {
    room: (account) => books.room(account),
    balance: (account) => books.balance(account),
    reserve: (id, accounts, amount) => {
      checkAmount(amount);
      if (!books.fits(id, accounts, amount)) return false;
      books.hold({ id, amount, accounts: accounts.map(periodOf) });
      return true;
    },
    settle: (id, amount) => {
      checkAmount(amount);
      return books.settle(id, amount) !== undefined;
    },
    commit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export function periodOf({ name, period }: Account): { name: string; period: number } {
  return { name, period };
}

/** One amount that is none would make every later balance none. */
export function checkAmount(amount: unknown): void {
  if (!(Number.isSafeInteger(amount) && (amount as number) >= 0))
    refuse("amount", amount, "whole micro-dollars ≥ 0");
}
