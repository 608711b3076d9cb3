import { readBytes } from "./bytes.js";

const NEWLINE = 10;

/** How many line ends a range of a file has. Throws what `readBytes` does. */
export async function newlinesIn(path: string, from: number, to: number): Promise<number> {
  if (from >= to) return 0;
  let count = 0;
  for await (const bytes of readBytes(path, { range: { head: 0, from, to } }))
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Where the first line begins at or after a byte of a file; `end` if none does before it. */
export async function lineStart(path: string, from: number, end: number): Promise<number> {
  let at = from - 1;
  for await (const bytes of readBytes(path, { range: { head: 0, from: at, to: end } })) {
    const newline = bytes.indexOf(NEWLINE);
    if (newline >= 0) return Math.min(end, at + newline + 1);
    at += bytes.length;
  }
  return end;
}
