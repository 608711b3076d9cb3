import {
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../../errors.js";
import { readError, writeError } from "../../text/fileError.js";
import { fileName } from "../../text/shown.js";
import { checkObject, refuse } from "../checks.js";
import { AccountBooks } from "./books.js";
import type { Account, Balance, Ledger } from "./ledger.js";
import { HEADER, lineOf, readJournal, type Entry } from "./lines.js";
import { lock } from "./lock.js";
import { checkAmount, periodOf } from "./memory.js";

/** How a journal is kept. */
export interface JournalOptions {
  /** Milliseconds between two commits to the disk. Default 100. */
  commitMs?: number;
  /** Lines after which the journal is rewritten with what still counts. Default 100,000. */
  mostLines?: number;
}

const COMMIT_MS = 100;
const MOST_LINES = 100_000;
const MOST_BYTES = 2 ** 30;

/**
 * A ledger in memory with an append-only file, for one process at a time.
 *
 * Each reservation and settlement is handed to the operating system before the call returns: a process that is killed
 * loses nothing. Every 100 ms, on `commit` and on `close`, the file is synced to the disk: a power cut loses what came
 * after the last sync. What was reserved and not settled when the process ended counts as spent when the file is opened
 * again. A last line that was cut is left out; a damaged line elsewhere is refused.
 *
 * @throws InputError naming the file: in use by another process, damaged, not readable or not writable.
 */
export function openJournal(path: string, options: JournalOptions = {}): Ledger {
  checkPath(path);
  checkObject("options", options, "{ commitMs, mostLines }");
  const { commitMs = COMMIT_MS, mostLines = MOST_LINES } = options;
  for (const [field, value] of Object.entries({ commitMs, mostLines })) {
    if (!(typeof value === "number" && value >= 1 && value <= 2 ** 31 - 1))
      throw new InputError(`${field} is ${String(value)}; expected a number ≥ 1`, { field });
  }
  // One file has one name, whatever links and dots lead to it: two writers would spend the same money twice.
  const place = placeOf(path);
  const unlock = lock(place);
  try {
    return new Journal(place, { commitMs, mostLines }, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet, or its folder is not: to open it tells.
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** A journal is replaced when it is rewritten, so a device or pipe cannot be one. */
function checkPath(path: unknown): void {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    refuse("path", path, "the name of a file");
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  const name = fileName(path);
  throw new InputError(`${name} is a device or pipe; a journal is a file`, { file: name });
}

class Journal implements Ledger {
  private readonly books = new AccountBooks();
  private file = -1;
  private lines = 0;
  /** Whether something was written since the last sync began. */
  private isDirty = false;
  private readonly timer: NodeJS.Timeout;
  /** The sync that is under way. */
  private syncing: Promise<void> = Promise.resolve();
  /** Why the file can no longer be written: no more money is handed out. */
  private failure: unknown;

  constructor(
    private readonly path: string,
    private readonly options: Required<JournalOptions>,
    private readonly unlock: () => void,
  ) {
    this.recover();
    this.rewrite();
    this.timer = setInterval(() => {
      // A failed sync ends reservations; `commit` and `close` throw it.
      this.commit().catch(() => undefined);
    }, options.commitMs);
    this.timer.unref();
  }

  room(account: Account): number {
    return this.books.room(account);
  }

  balance(account: Account): Balance {
    return this.books.balance(account);
  }

  reserve(id: string, accounts: readonly Account[], amount: number): boolean {
    checkAmount(amount);
    if (this.failure !== undefined || this.file < 0) return false;
    if (!this.books.fits(id, accounts, amount)) return false;
    const periods = accounts.map(periodOf);
    const isWritten = this.append([
      "reserve",
      id,
      amount,
      ...periods.map(({ name, period }): [string, number] => [name, period]),
    ]);
    if (isWritten) this.books.hold({ id, amount, accounts: periods });
    return isWritten;
  }

  settle(id: string, amount: number): boolean {
    checkAmount(amount);
    // Even if it cannot be written: what is not on file counts as reserved when it is opened again.
    if (this.books.settle(id, amount) === undefined) return false;
    this.append(["settle", id, amount]);
    if (this.lines > this.options.mostLines + 4 * this.books.open.size) this.attempt(() => this.rewrite());
    return true;
  }

  commit(): Promise<void> {
    this.syncing = this.syncing.then(() => this.sync());
    return this.syncing;
  }

  async close(): Promise<void> {
    if (this.file < 0) return;
    clearInterval(this.timer);
    try {
      await this.commit();
    } finally {
      closeSync(this.file);
      this.file = -1;
      this.unlock();
    }
  }

  private async sync(): Promise<void> {
    if (this.failure !== undefined) throw writeError(this.failure, this.path);
    if (!this.isDirty) return;
    this.isDirty = false;
    const { file } = this;
    try {
      await promisify(fsync)(file);
    } catch (error) {
      // The journal was rewritten, and so synced, meanwhile.
      if (file !== this.file) return;
      this.failure = error;
      throw writeError(error, this.path);
    }
  }

  /** Hands a line to the operating system. False if it cannot be written. */
  private append(entry: Entry): boolean {
    if (this.file < 0) return false;
    return this.attempt(() => {
      writeAll(this.file, lineOf(entry));
      this.lines++;
      this.isDirty = true;
    });
  }

  private attempt(write: () => void): boolean {
    if (this.failure !== undefined) return false;
    try {
      write();
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    }
  }

  /** Reads the file; what is still open counts as spent. */
  private recover(): void {
    const { path, books } = this;
    if (!existsSync(path)) return;
    const name = fileName(path);
    let content: Buffer;
    try {
      content = readFileSync(path);
    } catch (error) {
      throw readError(error, path);
    }
    if (content.length > MOST_BYTES) throw new InputError(`${name} is larger than 1 GiB`, { file: name });
    const { entries } = readJournal(content, name);
    for (const entry of entries) {
      if (entry[0] === "account") books.restore(entry[1], entry[2], entry[3]);
      else if (entry[0] === "settle") books.settle(entry[1], entry[2]);
      else {
        const [, id, amount, ...accounts] = entry;
        books.hold({ id, amount, accounts: accounts.map(([name, period]) => ({ name, period })) });
      }
    }
    for (const { id, amount } of [...books.open.values()]) books.settle(id, amount);
  }

  /** Writes the file anew with what still counts; it appears under its name when it is complete and on the disk. */
  private rewrite(): void {
    const { path, books } = this;
    const entries: Entry[] = [];
    for (const { name, period, settled } of books.settled()) entries.push(["account", name, period, settled]);
    for (const { id, amount, accounts } of books.open.values()) {
      entries.push([
        "reserve",
        id,
        amount,
        ...accounts.map(({ name, period }): [string, number] => [name, period]),
      ]);
    }
    const temporary = `${path}.new`;
    try {
      const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
      const file = openSync(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
      try {
        writeAll(file, `${HEADER}\n${entries.map(lineOf).join("")}`);
        fsyncSync(file);
        renameSync(temporary, path);
        syncFolder(path);
      } catch (error) {
        closeSync(file);
        rmSync(temporary, { force: true });
        throw error;
      }
      if (this.file >= 0) closeSync(this.file);
      this.file = file;
    } catch (error) {
      throw writeError(error, path);
    }
    this.lines = entries.length;
    this.isDirty = false;
  }
}

/** Writes all of a text. After a failure nothing may follow: what is left of a line must stay the last. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

/** Puts a renamed file on the disk, where folders can be synced. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(dirname(path), constants.O_RDONLY);
    fsyncSync(folder);
  } catch {
    // Some systems cannot sync folders.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
