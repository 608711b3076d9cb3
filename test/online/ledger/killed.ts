import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { openJournal } from "../../../src/online/ledger/journal.js";
import { Random } from "../../../src/random.js";

const SPENDER = fileURLToPath(new URL("spender.mjs", import.meta.url));
const ACCOUNT = { name: "policy:test", period: 0, limit: Number.MAX_SAFE_INTEGER };

/**
 * Kills a process that spends from a journal at random moments, again and again on the same file, and checks what the
 * file says after each: every settlement that was announced counts, each once, and what was reserved counts as spent.
 */
export async function checkKilled(times: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "optllm-ledger-"));
  const path = join(folder, "journal");
  const random = new Random(seed);
  let spent = 0;
  let next = 0;
  try {
    for (let time = 0; time < times; time++) {
      const { reserved, settled } = await killedAfter(path, next, Math.floor(60 * random.uniform()));
      const ledger = openJournal(path);
      const now = ledger.balance(ACCOUNT);
      await ledger.close();
      // Announced last: what the process did after that is not known, up to 20 requests of at most 1,000.
      const sure = [...settled.values()].reduce((sum, amount) => sum + amount, 0);
      const open = [...reserved].filter(([id]) => !settled.has(id));
      const most = open.reduce((sum, [, amount]) => sum + amount, 0);
      const about = `kill ${time} of seed ${seed}`;
      expect(now.reserved, about).toBe(0);
      // A reservation that was open is settled, at least for half of it, or counts in full.
      const least = open.reduce((sum, [, amount]) => sum + (amount >> 1), 0);
      expect(now.settled - spent, about).toBeGreaterThanOrEqual(sure + least);
      expect(now.settled - spent, about).toBeLessThanOrEqual(sure + most + 21 * 1_000);
      spent = now.settled;
      next = Math.max(next, ...reserved.keys()) + 50;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the spender, and kills it some milliseconds after it has begun to announce; returns what it announced. */
async function killedAfter(path: string, first: number, ms: number) {
  const child = spawn("node", [SPENDER, path, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, "close");
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill("SIGKILL");
  await ended;
  const reserved = new Map<number, number>();
  const settled = new Map<number, number>();
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    const [kind, id, amount] = line.split(" ");
    if (kind === "r") reserved.set(Number(id), Number(amount));
    if (kind === "s") settled.set(Number(id), Number(amount));
  }
  return { reserved, settled };
}
