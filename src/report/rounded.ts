/** A number of seven significant digits, which is more than a chart shows and less than JSON would take. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** Some values of an array, rounded. */
export function pickRounded(values: ArrayLike<number>, points: Uint32Array): number[] {
  return Array.from(points, (k) => rounded(values[k]));
}

/** At most so many characters of a text; what is cut off is an ellipsis. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Names as a report shows them. */
export function shownNames(names: readonly string[]): string[] {
  return names.map((name) => cut(name, LONGEST_NAME));
}

const LONGEST_NAME = 80;
