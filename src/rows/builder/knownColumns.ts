import { shown } from "../../text/shown.js";
/** Names that a column of texts may have, the best first. */
const TEXT_NAMES = [
  "query",
  "prompt",
  "question",
  "input",
  "text",
  "messages",
  "instruction",
  "user_prompt",
  "user_query",
  "user_input",
  "user_message",
  "request",
  "problem",
  "utterance",
  "content",
] as const;

/** For error messages. */
export const TEXT_EXPECTED = `a column query (or ${TEXT_NAMES.slice(1, 6).join(", ")}, …)`;

const RANKS: ReadonlyMap<string, number> = new Map(TEXT_NAMES.map((name, rank) => [name, rank]));

/** How well a column's name says that it holds the texts: 0 is best; undefined: not at all. */
export function textRank(column: string): number | undefined {
  return column.length > 20 ? undefined : RANKS.get(plainName(column));
}

/**
 * The column that holds the texts: the one that is asked for, if it is there, or else the one with the best known name.
 * Upper and lower case, and blanks or hyphens for underscores, do not matter.
 */
export function textColumnOf(columns: Iterable<string>, asked?: string): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const column of columns) {
    if (column === asked) return column;
    const rank = 2 * (textRank(column) ?? Infinity) - (column === plainName(column) ? 1 : 0);
    if (rank < least) [best, least] = [column, rank];
  }
  return best;
}

/** The column `id`, or else the first that is written Id or ID. */
export function idColumnOf(columns: readonly string[]): string | undefined {
  return columns.includes("id") ? "id" : columns.find((column) => plainName(column) === "id");
}

/** A name as it is compared with known ones. */
export function plainName(column: string): string {
  return column.trim().toLowerCase().replaceAll(/[ -]/g, "_");
}

const COST_NAME = /(?:^|_)(?:cost|price)s?(?:_|$)/i;

/** Tells of a column that is not read although its name says that it holds costs; undefined for any other name. */
export function unreadCost(column: string): string | undefined {
  if (column.length > LONGEST_NOTED || !COST_NAME.test(column)) return undefined;
  return `column ${shown(column)} not read; expected dollars, in <model>__cost, or in cost beside model`;
}

const LONGEST_NOTED = 200;
