import { InputError } from "../../errors.js";
import { someOf } from "../../text/names.js";
import { oneLine, shown } from "../../text/shown.js";

/** Models that an error lists at most. */
const MOST_LISTED = 20;

/** Whether a name is a pattern's, in which each `*` stands for any text. O(name · stars) at most; no backtracking. */
export function matches(pattern: string, name: string): boolean {
  const pieces = pattern.split("*");
  const [first] = pieces;
  if (pieces.length === 1) return name === pattern;
  const last = pieces[pieces.length - 1];
  if (name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  // Between the ends, each piece may be taken where it first occurs.
  const end = name.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** The models that a name or pattern means: the model of that name, or else those that match. `where`: what errors call them. Throws `InputError` for none. */
export function modelsOf(pattern: string, models: readonly string[], where: string): string[] {
  if (models.includes(pattern)) return [pattern];
  const found = models.filter((name) => matches(pattern, name));
  if (found.length > 0) return found;
  const listed = someOf(models, MOST_LISTED, (name) => oneLine(name.slice(0, 80)));
  throw new InputError(`${where}: no model ${shown(pattern)}; there are ${listed}`, {
    field: "limits",
    model: pattern,
  });
}
