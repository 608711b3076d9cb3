import { createHash } from "node:crypto";

const LONGEST = 80;

/**
 * A file name, without ending, for each of some names that differ: letters, digits, `.`, `_` and `-` only, not
 * beginning with `.` or `-`, at most 89 characters, and different also where upper and lower case are the same. A name
 * that had to change ends in eight digits of its SHA-256.
 */
export function fileNames(names: readonly string[]): string[] {
  const uses = new Map<string, number>();
  for (const name of names)
    uses.set(plain(name).toLowerCase(), (uses.get(plain(name).toLowerCase()) ?? 0) + 1);
  return names.map((name) => {
    const safe = plain(name);
    const isAlone = uses.get(safe.toLowerCase()) === 1;
    // A name that looks as if it had a digest could be another one with its digest.
    const isPlain = safe === name && isAlone && !/-[0-9a-f]{8}$/i.test(name);
    return isPlain ? safe : `${safe}-${digest(name)}`;
  });
}

function plain(name: string): string {
  return name
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^[.-]+|^$/, "_")
    .slice(0, LONGEST);
}

function digest(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 8);
}
