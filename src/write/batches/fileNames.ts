import { createHash } from "node:crypto";

const LONGEST = 80;

/**
 * A file name, without extension, for each name; the names differ. It has only letters, digits, `.`, `_` and `-`, does
 * not begin with `.` or `-`, has at most 89 characters, and differs from the others even where case does not count. A
 * name that had to change ends in eight digits of its SHA-256.
 */
export function fileNames(names: readonly string[]): string[] {
  const uses = new Map<string, number>();
  for (const name of names)
    uses.set(safeName(name).toLowerCase(), (uses.get(safeName(name).toLowerCase()) ?? 0) + 1);
  return names.map((name) => {
    const safe = safeName(name);
    const isAlone = uses.get(safe.toLowerCase()) === 1;
    // A name that ends like a digest could equal another name with its digest.
    const isUnchanged = safe === name && isAlone && !/-[0-9a-f]{8}$/i.test(name);
    return isUnchanged ? safe : `${safe}-${digest(name)}`;
  });
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
