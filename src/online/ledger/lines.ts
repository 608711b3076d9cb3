import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";

/** First line of a journal. */
export const HEADER = "optllm-ledger 1";

/** One line of a journal. Amounts are micro-dollars. */
export type Entry =
  /** What an account had settled when the journal was rewritten. */
  | ["account", name: string, period: number, settled: number]
  | ["reserve", id: string, amount: number, ...accounts: [name: string, period: number][]]
  | ["settle", id: string, amount: number];

/** The line of an entry: a checksum of 8 hexadecimal digits, a space, and JSON. */
export function lineOf(entry: Entry): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

/**
 * The entries of a journal. A last line without its end is what a crash leaves behind, and is left out; `bytes` is the
 * length of the rest.
 *
 * @throws InputError naming file and line for a line that is damaged.
 */
export function readJournal(content: Buffer, file: string): { entries: Entry[]; bytes: number } {
  const bytes = content.lastIndexOf(10) + 1;
  const lines = content.toString("utf8", 0, bytes).split("\n");
  // A crash can leave the header itself torn.
  if (bytes === 0 && HEADER.startsWith(content.toString("utf8"))) return { entries: [], bytes };
  if (lines[0] !== HEADER) {
    const found = shown(lines[0]);
    throw new InputError(`${file}: line 1 is ${found}; expected ${HEADER}: a journal of this package`, {
      file,
      line: 1,
    });
  }
  const entries = lines.slice(1, -1).map((line, i) => entryOf(line, file, i + 2));
  return { entries, bytes };
}

function entryOf(line: string, file: string, number: number): Entry {
  const text = line.slice(9);
  if (line[8] === " " && line.slice(0, 8) === checksum(text)) {
    const entry = JSON.parse(text) as unknown;
    if (isEntry(entry)) return entry;
  }
  throw new InputError(
    `${file}, line ${number}: the line is damaged (${shown(line)}); restore the file, or remove it to begin with nothing spent`,
    { file, line: number },
  );
}

function isEntry(entry: unknown): entry is Entry {
  if (!Array.isArray(entry)) return false;
  const [kind, name, amount, ...rest] = entry as unknown[];
  if (typeof name !== "string") return false;
  if (kind === "settle") return isAmount(amount);
  if (kind === "account") return Number.isSafeInteger(amount) && isAmount(rest[0]);
  return (
    kind === "reserve" &&
    isAmount(amount) &&
    rest.every(
      (account) =>
        Array.isArray(account) && typeof account[0] === "string" && Number.isSafeInteger(account[1]),
    )
  );
}

function isAmount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
