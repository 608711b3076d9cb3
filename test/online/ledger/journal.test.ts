import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { openJournal } from "../../../src/online/ledger/journal.js";
import type { Account } from "../../../src/online/ledger/ledger.js";
import { runs } from "../../runs.js";
import { checkKilled } from "./killed.js";
import { ledgerSuite } from "./suite.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => join(folder, `journal-${files++}`);
const account: Account = { name: "policy:a", period: 0, limit: 1_000_000 };

let last = "";
ledgerSuite("a journal", {
  open: () => Promise.resolve(openJournal((last = fresh()))),
  reopen: async (ledger) => {
    await ledger.close();
    return openJournal(last);
  },
});

/** A journal of some entries, and its path. */
async function written(): Promise<string> {
  const path = fresh();
  const ledger = openJournal(path);
  for (let k = 0; k < 10; k++) {
    ledger.reserve(`id-${k}`, [account], 100);
    if (k < 7) ledger.settle(`id-${k}`, 10 + k);
  }
  await ledger.close();
  return path;
}

const settledIn = async (path: string): Promise<number> => {
  const ledger = openJournal(path);
  const { settled } = ledger.balance(account);
  await ledger.close();
  return settled;
};

describe("a journal", () => {
  it("is on file before the call returns", async () => {
    const path = fresh();
    const ledger = openJournal(path);
    ledger.reserve("a", [account], 5);
    expect(readFileSync(path, "utf8")).toMatch(
      /^optllm-ledger 1\n[0-9a-f]{8} \["reserve","a",5,\["policy:a",0\]\]\n$/,
    );
    await ledger.commit();
    await ledger.close();
  });

  it("has one process at a time, and takes over from one that is gone", async () => {
    const path = fresh();
    const ledger = openJournal(path);
    expect(() => openJournal(path)).toThrow(`is in use by process ${process.pid}`);
    await ledger.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
    writeFileSync(`${path}.lock`, "1");
    expect(() => openJournal(path)).toThrow("is in use by process 1");
    const gone = spawnSync("node", ["-e", ""]);
    writeFileSync(`${path}.lock`, String(gone.pid));
    await openJournal(path).close();
  });

  it("leaves out a last line that was cut, wherever it was cut", async () => {
    const path = await written();
    const whole = readFileSync(path);
    const end = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let cut = end; cut < whole.length; cut += 7) {
      writeFileSync(path, whole);
      truncateSync(path, cut);
      expect(await settledIn(path)).toBe(91 + 200);
    }
    for (const cut of [0, 5]) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(await settledIn(path)).toBe(0);
    }
  });

  it("refuses a line that is damaged, naming it, and does not touch the file", async () => {
    const path = await written();
    const lines = readFileSync(path, "utf8").split("\n");
    const damaged = lines.with(3, lines[3].replace("100", "900")).join("\n");
    writeFileSync(path, damaged);
    expect(() => openJournal(path)).toThrow(
      /journal-\d+, line 4: the line is damaged \(.*\); restore the file/,
    );
    expect(readFileSync(path, "utf8")).toBe(damaged);
    expect(existsSync(`${path}.lock`)).toBe(false);
    writeFileSync(path, "hello\nworld\n");
    expect(() => openJournal(path)).toThrow("line 1 is hello; expected optllm-ledger 1");
  });

  it("is refused with an error of ours, or read, whatever bytes are changed", async () => {
    const path = await written();
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        writeFileSync(path, changed);
        try {
          await settledIn(path);
        } catch (error) {
          expect((error as Error).name).toBe("InputError");
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it("stays small however many requests it has seen", async () => {
    const path = fresh();
    const ledger = openJournal(path, { mostLines: 500 });
    for (let k = 0; k < 5_000; k++) {
      ledger.reserve(`id-${k}`, [account], 10);
      ledger.settle(`id-${k}`, 2);
    }
    expect(ledger.balance(account)).toEqual({ settled: 10_000, reserved: 0 });
    expect(statSync(path).size).toBeLessThan(60_000);
    await ledger.close();
    expect(await settledIn(path)).toBe(10_000);
  });

  it("names the folder that does not exist", () => {
    expect(() => openJournal(join(folder, "none", "journal"))).toThrow("its folder does not exist");
    expect(() => openJournal(fresh(), { commitMs: 0 })).toThrow("commitMs is 0");
  });

  it("hands out no money and says why once it cannot be written", async () => {
    const ledger = openJournal(fresh());
    // Closed underneath, as a failing disk would.
    (ledger as unknown as { file: number }).file = 9_999;
    expect(ledger.reserve("a", [account], 1)).toBe(false);
    await expect(ledger.commit()).rejects.toThrow("cannot be written");
    (ledger as unknown as { unlock: () => void }).unlock();
  });

  it("loses no settled cent and counts none twice when its process is killed", () => checkKilled(6, 7));
});

describe("a journal's path", () => {
  it("is one file under whatever name: it has one writer", async () => {
    const path = fresh();
    const journal = openJournal(path);
    const link = fresh();
    symlinkSync(path, link);
    for (const other of [path, `${dirname(path)}/./${basename(path)}`, link])
      expect(() => openJournal(other)).toThrow("is in use by process");
    await journal.close();
    const again = openJournal(link);
    expect(again.reserve("r", [account], 1)).toBe(true);
    await again.close();
    expect(readFileSync(path, "utf8")).toContain('"reserve","r"');
  });

  it.each([undefined, 5, "", "/dev/null"])("%j is refused", (path) => {
    expect(() => openJournal(path as never)).toThrow(InputError);
  });

  it("of a folder leaves nothing behind", () => {
    expect(() => openJournal(folder)).toThrow("is a folder");
    expect(existsSync(`${folder}.new`) || existsSync(`${folder}.lock`)).toBe(false);
  });

  it.each([NaN, -1, 1.5, Infinity])("holds no amount of %d", async (amount) => {
    const journal = openJournal(fresh());
    expect(() => journal.reserve("r", [account], amount)).toThrow(InputError);
    expect(() => journal.settle("r", amount)).toThrow(InputError);
    await journal.close();
  });
});
