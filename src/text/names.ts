/** How long names are shown. Nothing here needs Node.js. */

/** A text cut to at most `most` characters, the last of them an ellipsis. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${headOf(text, most - 1)}…`;
}

/** A name cut in its middle to at most `most` characters: names of models that begin alike mostly end differently. */
export function cutMiddle(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = Math.floor((most - 1) / 2);
  return `${headOf(name, most - 1 - tail)}…${name.slice(name.length - tail).replace(/^[\udc00-\udfff]/, "")}`;
}

/** The first characters of a text, none of them half of a pair. */
function headOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

/** Names cut in their middle so that different names stay different: those that do not are numbered. */
export function distinctNames(names: readonly string[], most: number): string[] {
  const shown = names.map((name) => cutMiddle(name, most));
  const seen = new Map<string, number>();
  for (const name of shown) seen.set(name, (seen.get(name) ?? 0) + 1);
  return shown.map((name, k) => {
    if (seen.get(name) === 1) return name;
    const end = ` (${k + 1})`;
    return `${cutMiddle(names[k], most - end.length)}${end}`;
  });
}

/** "a, b, c and 4 more": the first of some names, and how many others there are. */
export function someOf<T>(names: readonly T[], most: number, textOf: (name: T) => string = String): string {
  const others = names.length - most;
  return names.slice(0, most).map(textOf).join(", ") + (others > 0 ? ` and ${others} more` : "");
}

const LONGEST_NAME = 80;

/** A name as reports and sentences show it. */
export function shownName(name: string): string {
  return cutMiddle(name, LONGEST_NAME);
}

/** Names as reports and sentences show them. */
export function shownNames(names: readonly string[]): string[] {
  return distinctNames(names, LONGEST_NAME);
}
