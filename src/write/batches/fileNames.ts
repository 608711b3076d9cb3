import { createHash } from "node:crypto";

const LONGEST = 80;

/**
 * A file name, without extension, for each name; the names differ. It has only letters, digits, `.`, `_` and `-`, does
 * not begin with `.` or `-`, has at most 89 characters, and differs from the others even where case does not count. A
 * name that had to change ends in eight digits of its SHA-256.
 */
export function fileNames(names: readonly string[]): string[] {
  const safe = names.map(safeName);
  const changes = names.map((name, k) => name !== safe[k]);
  const made = (k: number): string => (changes[k] ? `${safe[k]}-${digest(names[k])}` : safe[k]);
  for (;;) {
    const places = new Map<string, number[]>();
    for (const k of names.keys()) {
      const key = made(k).toLowerCase();
      places.set(key, [...(places.get(key) ?? []), k]);
    }
    // Also a plain name that equals another with its digest gets a digest.
    const equal = [...places.values()].filter(({ length }) => length > 1).flat();
    const plain = equal.filter((k) => !changes[k]);
    if (plain.length === 0) return [...names.keys()].map(made);
    for (const k of plain) changes[k] = true;
  }
}

function safeName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^[.-]+|^$/, "_")
    .slice(0, LONGEST);
}

function digest(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 8);
}
