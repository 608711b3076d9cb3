import type { Decision } from "./decision.js";
import type { Ledger } from "./ledger/ledger.js";
import { Rounding } from "./money.js";
import type { Caller } from "./options.js";
import type { PacedBudget } from "./pacing/budget.js";
import type { RouterState } from "./state.js";

/** Money that a router holds for its decisions until they are settled. */
export class Reservations {
  /** Reservations that are open: when they were made, and micro-dollars. The oldest stands first. */
  private readonly open = new Map<string, { at: number; reserved: number }>();
  private readonly rounding = new Map<string, Rounding>();
  private count = 0;

  /** `instance` begins every id: two routers of one ledger need two of them. `holdMs`: how long they stay open. */
  constructor(
    readonly ledger: Ledger,
    private instance: string,
    private readonly holdMs: number,
  ) {}

  /** How many were made. */
  get sequence(): number {
    return this.count;
  }

  /** Micro-dollars that every budget of a caller still has. */
  room({ budgets }: Caller): number {
    let room = Infinity;
    for (const { account } of budgets) room = Math.min(room, this.ledger.room(account));
    return room;
  }

  /** The budget of a caller that has least left. */
  shortest({ budgets }: Caller): PacedBudget {
    const roomOf = ({ account }: PacedBudget): number => this.ledger.room(account);
    return budgets.reduce((a, b) => (roomOf(b) < roomOf(a) ? b : a));
  }

  /** Reserves micro-dollars for a decision and gives it its id; false if a budget has no room. */
  make(decision: Pick<Decision, "id">, { budgets }: Caller, micros: number, time: number): boolean {
    const id = this.idAt(this.count + 1);
    const accounts = budgets.map(({ account }) => account);
    if (!this.ledger.reserve(id, accounts, micros)) return false;
    this.count++;
    decision.id = id;
    this.open.set(id, { at: time, reserved: micros });
    return true;
  }

  /** An id of a decision for which nothing is reserved. */
  nextId(): string {
    return this.idAt(++this.count);
  }

  /** Ends the reservation of a decision that cost some dollars; false if it has ended before. */
  settle({ id, key = "" }: Pick<Decision, "id" | "key">, dollars: number): boolean {
    if (!this.open.delete(id)) return false;
    let rounding = this.rounding.get(key);
    if (rounding === undefined) this.rounding.set(key, (rounding = new Rounding()));
    this.ledger.settle(id, rounding.charge(dollars));
    return true;
  }

  /** Ends it without a charge; false as above. */
  cancel({ id }: Decision): boolean {
    if (!this.open.delete(id)) return false;
    this.ledger.settle(id, 0);
    return true;
  }

  /** What is reserved for too long counts as spent; `onExpired` gets the ids. */
  expire(time: number, onExpired: (id: string) => void): void {
    for (const [id, { at, reserved }] of this.open) {
      if (time - at <= this.holdMs) break;
      this.open.delete(id);
      this.ledger.settle(id, reserved);
      onExpired(id);
    }
  }

  state(): Pick<RouterState, "instance" | "sequence" | "open" | "rounding"> {
    return {
      instance: this.instance,
      sequence: this.count,
      open: [...this.open].map(([id, { at, reserved }]) => [id, at, reserved]),
      rounding: [...this.rounding].map(([key, { ahead }]) => [key, ahead]),
    };
  }

  private idAt(number: number): string {
    return `${this.instance}-${number.toString(36)}`;
  }

  restore({ instance, sequence, open, rounding }: ReturnType<Reservations["state"]>): void {
    this.instance = instance;
    this.count = sequence;
    for (const [id, at, reserved] of open) this.open.set(id, { at, reserved });
    for (const [key, ahead] of rounding) this.rounding.set(key, new Rounding(ahead));
  }
}
