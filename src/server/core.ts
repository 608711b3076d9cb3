import type { Server } from "node:http";
import type { Decision, Refusal } from "../online/decision.js";
import type { Connections } from "./http/connections.js";
import type { KnownDecision, Running } from "./http/context.js";
import { Allowance } from "./proxy/allowance.js";
import type { Outcome, Settled } from "./proxy/call.js";
import type { Interruption } from "./proxy/interruption.js";
import type { Setup } from "./setup/setup.js";
import { Solver } from "./solve/solver.js";
import { RecentPins } from "./state/pins.js";
import { Recent } from "./state/recent.js";
import type { Tracing } from "./tracing/tracing.js";
import type { Upstream } from "./upstream/upstream.js";

const MOST_DECISIONS = 10_000;
/** How often connections that have become idle are closed while the server ends. */
const SWEEP_MS = 20;
/** What an interrupted request has to say so. */
const LAST_WORDS_MS = 1_000;

/** Who hears of decisions, and of attempts and requests that are over: logs, metrics, the status page. */
export interface Listener {
  /** `ms`: how long it took. */
  onDecision?(decision: Decision, policy: string, ms: number): void;
  onRefusal?(policy: string, cause: Refusal["cause"]): void;
  onSettled?(settled: Settled): void;
  onOutcome?(outcome: Outcome): void;
  /** Every answer of the port for clients, errors included. `route`: of a fixed list; undefined for an unknown address. */
  onResponse?(route: string | undefined, status: number): void;
  /** A request met a fault of the server itself. */
  onFault?(error: unknown): void;
}

/** What all requests of a server share, and the requests that are under way. */
export class Core implements Running {
  isDraining = false;
  readonly allowance = new Allowance();
  readonly pins = new RecentPins();
  readonly decisions = new Recent<KnownDecision>(MOST_DECISIONS);
  readonly solver: Solver;
  /** Hear of everything. */
  readonly listeners: Listener[] = [];
  private readonly open = new Set<Interruption>();
  /** Requests under way by the upstreams of their configuration. */
  private readonly users = new Map<Upstream, number>();

  constructor(
    private current: Setup,
    readonly tracing?: Tracing,
  ) {
    this.solver = new Solver(current.config.limits.solveQueue);
  }

  get setup(): Setup {
    return this.current;
  }

  now(): number {
    return Date.now();
  }

  begin(setup: Setup, interruption: Interruption): { end(): void } {
    this.open.add(interruption);
    for (const upstream of setup.upstreams.values())
      this.users.set(upstream, (this.users.get(upstream) ?? 0) + 1);
    return {
      end: () => {
        this.open.delete(interruption);
        for (const upstream of setup.upstreams.values()) this.leave(upstream);
      },
    };
  }

  /** Requests under way. */
  get openRequests(): number {
    return this.open.size;
  }

  onDecision(decision: Decision, policy: string, setup: Setup, ms: number): void {
    this.remember(decision, policy, setup);
    for (const listener of this.listeners) listener.onDecision?.(decision, policy, ms);
  }

  remember(decision: Decision, policy: string, setup: Setup): void {
    this.decisions.set(decision.id, { decision, policy, setup });
  }

  onRefusal(policy: string, cause: Refusal["cause"]): void {
    for (const listener of this.listeners) listener.onRefusal?.(policy, cause);
  }

  onSettled(settled: Settled): void {
    for (const listener of this.listeners) listener.onSettled?.(settled);
  }

  onOutcome(outcome: Outcome): void {
    for (const listener of this.listeners) listener.onOutcome?.(outcome);
  }

  onResponse(route: string | undefined, status: number): void {
    for (const listener of this.listeners) listener.onResponse?.(route, status);
  }

  onFault(error: unknown): void {
    for (const listener of this.listeners) listener.onFault?.(error);
  }

  /** From now on another configuration holds. Upstreams that it does not have end with their last request. */
  swap(setup: Setup): void {
    const before = this.current;
    this.current = setup;
    for (const upstream of before.upstreams.values()) if (!this.users.has(upstream)) this.retire(upstream);
  }

  /** Waits until every request is over; what is not over in time is interrupted. */
  async drain(server: Server, connections: Connections): Promise<void> {
    const { drainSeconds } = this.current.config.limits;
    const interrupt = setTimeout(() => {
      for (const interruption of this.open) interruption.end("drain");
    }, drainSeconds * 1_000);
    const cut = setTimeout(() => server.closeAllConnections(), drainSeconds * 1_000 + LAST_WORDS_MS);
    const sweep = setInterval(() => connections.closeIdle(), SWEEP_MS);
    while (this.open.size > 0 || connections.size > 0)
      await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
    clearTimeout(interrupt);
    clearTimeout(cut);
    clearInterval(sweep);
  }

  async destroy(): Promise<void> {
    await this.solver.close();
    for (const upstream of this.current.upstreams.values()) await upstream.destroy();
  }

  private leave(upstream: Upstream): void {
    const users = this.users.get(upstream)! - 1;
    if (users > 0) {
      this.users.set(upstream, users);
      return;
    }
    this.users.delete(upstream);
    this.retire(upstream);
  }

  /** Closes an upstream that no configuration has any more. */
  private retire(upstream: Upstream): void {
    if (this.current.upstreams.get(upstream.name) === upstream) return;
    upstream.close().catch(() => undefined);
  }
}
