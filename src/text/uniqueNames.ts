/** The same names, a repeated one followed by #2, #3, …. */
export function uniqueNames(names: string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    let unique = name;
    for (let k = next.get(name) ?? 2; seen.has(unique); k++) {
      const other = `${name}#${k}`;
      if (!taken.has(other)) unique = other;
      next.set(name, k + 1);
      taken.add(other);
    }
    seen.add(unique);
    return unique;
  });
}
