import type { OnProgress } from "../types.js";
import type { Pool } from "./pool.js";

/** How long work runs. */
export interface RunningOptions {
  /** Threads that help; without one the calling thread does all. Never changes a result. */
  pool?: Pool;
  /** Stops the work; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
