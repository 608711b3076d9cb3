import type { OnProgress } from "../types.js";
import type { Pool } from "./pool.js";

/** Options of long work. */
export interface RunningOptions {
  /** Threads to work on; default: the calling thread alone. Never changes a result. */
  pool?: Pool;
  /** Stops the work; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
