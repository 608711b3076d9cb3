import type { Pool } from "../../src/pool/pool.js";
import { isWanted } from "../settings.js";
import type { Workload } from "./workload.js";

/** Something that is computed and timed. */
export interface Scenario {
  /** In progress lines and for `--only`. */
  key: string;
  /** Over its table. */
  title: string;
  /** Times our own solution, and adds a row for it; absent where only peers compute it. */
  run?: (work: Workload, threads: Threads) => Promise<void>;
}

/** One thread without a pool, or the threads of a pool. */
export interface Threads {
  count: number;
  pool: Pool | undefined;
}

export function isWantedOf({ key, title }: Scenario, solver: string): boolean {
  return isWanted(`${title} ${key} ${solver}`);
}
