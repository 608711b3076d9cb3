/** A number of seven significant digits: more than a chart shows, and shorter in JSON than all digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** Some values of an array, rounded. */
export function pickRounded(values: ArrayLike<number>, points: Uint32Array): number[] {
  return Array.from(points, (k) => rounded(values[k]));
}

/** A text cut to at most `most` characters, the last of them an ellipsis. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

const LONGEST_NAME = 80;

/** A name as a report shows it. */
export function shownName(name: string): string {
  return cut(name, LONGEST_NAME);
}

/** Names as a report shows them. */
export function shownNames(names: readonly string[]): string[] {
  return names.map(shownName);
}
