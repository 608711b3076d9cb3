import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import { openJournal } from "../../online/ledger/journal.js";
import type { Ledger } from "../../online/ledger/ledger.js";
import { memoryLedger } from "../../online/ledger/memory.js";
import type { CheckedConfig } from "../config/types.js";
import { folderError } from "./learned.js";

/**
 * Opens what a configuration keeps money in.
 *
 * @throws InputError for a folder that cannot be made, an address that the environment lacks, a Redis that is away.
 */
export async function openLedger({ state }: CheckedConfig, env: NodeJS.ProcessEnv): Promise<Ledger> {
  const { kind, path, urlEnv, prefix } = state;
  if (path !== undefined) {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw folderError(error, path);
    }
  }
  if (kind === "memory") return memoryLedger();
  if (kind === "file") return openJournal(join(path!, "accounts.journal"));
  const url = env[urlEnv!]?.trim();
  if (url === undefined || url === "")
    throw new InputError(
      `state.urlEnv: the environment has no ${urlEnv}; set it to an address such as redis://localhost:6379`,
      { field: "state.urlEnv" },
    );
  const { openRedisLedger } = await import("../../online/ledger/redis/ledger.js");
  return openRedisLedger({ url, ...(prefix !== undefined && { prefix }) });
}

/** The file of what was learned; undefined: it is not kept. */
export function learnedFile({ state }: CheckedConfig): string | undefined {
  return state.kind !== "memory" && state.path !== undefined ? join(state.path, "learned.json") : undefined;
}
