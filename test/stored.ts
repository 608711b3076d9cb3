import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/**
 * A folder that test files share, to be read only. The first one that asks for the name makes it: `make` writes into a new
 * folder, which appears complete.
 */
export async function stored(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(inject("store"), name);
  if (existsSync(folder)) return folder;
  const made = mkdtempSync(`${folder}-`);
  await make(made);
  try {
    renameSync(made, folder);
  } catch (error) {
    // Of two processes that make it at once, the first one wins.
    if (!existsSync(folder)) throw error;
    rmSync(made, { recursive: true });
  }
  return folder;
}
