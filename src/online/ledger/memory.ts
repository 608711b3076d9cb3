import { AccountBooks } from "./books.js";
import type { Account, Ledger } from "./ledger.js";

/** A ledger that ends with the process. */
export function memoryLedger(): Ledger {
  const books = new AccountBooks();
  return {
    room: (account) => books.room(account),
    balance: (account) => books.balance(account),
    reserve: (id, accounts, amount) => {
      if (!books.fits(id, accounts, amount)) return false;
      books.hold({ id, amount, accounts: accounts.map(periodOf) });
      return true;
    },
    settle: (id, amount) => books.settle(id, amount) !== undefined,
    commit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export function periodOf({ name, period }: Account): { name: string; period: number } {
  return { name, period };
}
