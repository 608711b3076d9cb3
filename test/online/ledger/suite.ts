import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Account, Ledger } from "../../../src/online/ledger/ledger.js";
import { runs } from "../../runs.js";

/** What the suite needs of a kind of ledger. */
export interface LedgerUnderTest {
  /** A fresh ledger. */
  open(): Promise<Ledger>;
  /** The same accounts, opened again after an orderly end; undefined for a kind that ends with the process. */
  reopen?(ledger: Ledger): Promise<Ledger>;
}

const account = (name: string, limit: number, period = 1): Account => ({ name, period, limit });

/** What every ledger must do. */
export function ledgerSuite(kind: string, { open, reopen }: LedgerUnderTest): void {
  /** A ledger from which money of these accounts can be reserved. */
  const opened = async (accounts: Account[], ledger = open()): Promise<Ledger> => {
    await (await ledger).shared?.ready(accounts);
    return ledger;
  };

  describe(`a ledger: ${kind}`, () => {
    it("holds an amount in all accounts or in none", async () => {
      const [wide, narrow] = [account("wide", 100), account("narrow", 10)];
      const ledger = await opened([wide, narrow]);
      expect(ledger.reserve("a", [wide, narrow], 8)).toBe(true);
      expect(ledger.reserve("b", [wide, narrow], 3)).toBe(false);
      expect([ledger.room(wide), ledger.room(narrow)]).toEqual([92, 2]);
      expect(ledger.reserve("b", [wide], 92)).toBe(true);
      expect(ledger.reserve("c", [wide], 1)).toBe(false);
      await ledger.close();
    });

    it("settles a reservation once, for less or more than was held", async () => {
      const one = account("one", 100);
      const ledger = await opened([one]);
      ledger.reserve("a", [one], 60);
      expect(ledger.reserve("a", [one], 1)).toBe(false);
      expect(ledger.settle("a", 25)).toBe(true);
      expect(ledger.settle("a", 25)).toBe(false);
      expect(ledger.settle("unknown", 5)).toBe(false);
      expect(ledger.balance(one)).toEqual({ settled: 25, reserved: 0 });
      ledger.reserve("b", [one], 75);
      ledger.settle("b", 80);
      expect(ledger.room(one)).toBe(-5);
      expect(ledger.reserve("c", [one], 1)).toBe(false);
      expect(ledger.reserve("free", [one], 0)).toBe(true);
      await ledger.close();
    });

    it("counts each period alone, and settles in the period of the reservation", async () => {
      const [first, second] = [account("one", 100, 1_000), account("one", 100, 2_000)];
      const ledger = await opened([first, second]);
      ledger.reserve("a", [first], 70);
      expect(ledger.room(second)).toBe(100);
      ledger.reserve("b", [second], 30);
      ledger.settle("a", 60);
      expect(ledger.balance(first)).toEqual({ settled: 60, reserved: 0 });
      expect(ledger.balance(second)).toEqual({ settled: 0, reserved: 30 });
      await ledger.close();
    });

    it("keeps names apart, whatever they are", async () => {
      const names = ["__proto__", "constructor", "key:ä\n\u0000", "", "key:a", "key:a "];
      const accounts = names.map((name) => account(name, 10));
      const ledger = await opened(accounts);
      names.forEach((name, k) => {
        expect(ledger.reserve(`id ${name}`, [account(name, 10)], k + 1)).toBe(true);
      });
      names.forEach((name, k) => expect(ledger.room(account(name, 10))).toBe(9 - k));
      const again = reopen === undefined ? undefined : await opened(accounts, reopen(ledger));
      names.forEach((name, k) => {
        if (again !== undefined) expect(again.balance(account(name, 10)).settled).toBe(k + 1);
      });
      await (again ?? ledger).close();
    });

    it("is the sum of its entries, and never beyond a limit while no answer costs more than was held", async () => {
      const step = fc.record({
        isReserve: fc.boolean(),
        which: fc.nat(20),
        amount: fc.nat(40),
        accounts: fc.subarray(["x", "y", "z"], { minLength: 1 }),
      });
      const scenario = fc.array(step, { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(scenario, async (steps) => {
          const limit = { x: 100, y: 60, z: 200 };
          const names = Object.entries(limit);
          const ledger = await opened(names.map(([name, most]) => account(name, most)));
          const settled = { x: 0, y: 0, z: 0 };
          const held = new Map<string, { amount: number; accounts: ("x" | "y" | "z")[] }>();
          for (const [k, { isReserve, which, amount, accounts }] of steps.entries()) {
            const names = accounts as ("x" | "y" | "z")[];
            if (isReserve) {
              const isHeld = ledger.reserve(
                `${k}`,
                names.map((name) => account(name, limit[name])),
                amount,
              );
              if (isHeld) held.set(`${k}`, { amount, accounts: names });
            } else if (held.size > 0) {
              const id = [...held.keys()][which % held.size];
              const one = held.get(id)!;
              const cost = Math.min(amount, one.amount);
              expect(ledger.settle(id, cost)).toBe(true);
              held.delete(id);
              for (const name of one.accounts) settled[name] += cost;
            }
          }
          for (const name of ["x", "y", "z"] as const) {
            const open = [...held.values()].filter(({ accounts }) => accounts.includes(name));
            const reserved = open.reduce((sum, { amount }) => sum + amount, 0);
            expect(ledger.balance(account(name, 0))).toEqual({ settled: settled[name], reserved });
            expect(settled[name] + reserved).toBeLessThanOrEqual(limit[name]);
          }
          await ledger.close();
        }),
        { numRuns: runs(100) },
      );
    });

    if (reopen === undefined) return;

    it("opened again, has what was settled, and counts as spent what was still reserved", async () => {
      const one = account("one", 100);
      const ledger = await opened([one]);
      ledger.reserve("a", [one], 50);
      ledger.settle("a", 20);
      ledger.reserve("b", [one], 30);
      const again = await opened([one], reopen(ledger));
      expect(again.balance(one)).toEqual({ settled: 50, reserved: 0 });
      expect(again.settle("b", 1)).toBe(false);
      expect(again.room(one)).toBe(50);
      const third = await opened([one], reopen(again));
      expect(third.balance(one)).toEqual({ settled: 50, reserved: 0 });
      await third.close();
    });
  });
}
