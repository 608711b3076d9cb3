/** Of a longer name only the beginning is compared, and of more names only the first: time is bounded. */
const LONGEST = 100;
const MOST = 1000;

/** At most `count` of `names`, those with the smallest edit distance to `name` first; ties keep their order. */
export function nearest(name: string, names: string[], count: number): string[] {
  const start = (text: string): string => text.slice(0, LONGEST).toLowerCase();
  return names
    .slice(0, MOST)
    .map((other) => ({ other, distance: editDistance(start(name), start(other)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ other }) => other);
}

/**
 * The nearest of those names that look like `name`: at most three letters differ, and fewer than half, or one contains
 * the other.
 */
export function related(name: string, names: string[], count: number): string[] {
  const asked = name.toLowerCase();
  const isLike = (other: string): boolean => {
    const [short, long] = asked.length < other.length ? [asked, other] : [other, asked];
    return (
      (short.length > 3 && long.includes(short)) ||
      (long.length - short.length <= 3 && editDistance(asked, other) <= Math.min(3, (asked.length - 1) / 2))
    );
  };
  return nearest(
    name,
    names.filter((other) => isLike(other.toLowerCase())),
    count,
  );
}

/** Insertions, deletions and replacements that turn `a` into `b` (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
