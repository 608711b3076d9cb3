import { Pool } from "../pool/pool.js";
import type { Io } from "./io.js";
import type { CommonOptions } from "./options/common.js";
import { Progress } from "./progress.js";

/** Runs a command's work with a progress bar, and removes the bar before anything else is printed. */
export async function showing<T>(
  io: Io,
  options: CommonOptions,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io, options.quiet === true);
  try {
    return await work(progress);
  } finally {
    progress.clear();
  }
}

/** The same, with threads that end with the work. */
export function running<T>(
  io: Io,
  options: CommonOptions & { threads?: number },
  work: (progress: Progress, pool: Pool) => Promise<T>,
): Promise<T> {
  return showing(io, options, async (progress) => {
    const pool = new Pool({ threads: options.threads });
    try {
      return await work(progress, pool);
    } finally {
      await pool.close();
    }
  });
}
