import type { Dataset } from "../types.js";

/** The same rows; those without a text have that of the same id in `source`. `missing`: rows that still have none. */
export function withQueries(rows: Dataset, source: Dataset): { dataset: Dataset; missing: number } {
  const texts = new Map(source.ids.map((id, q) => [id, source.queries[q]]));
  const queries = rows.queries.map((text, q) => (text === "" ? (texts.get(rows.ids[q]) ?? "") : text));
  return { dataset: { ...rows, queries }, missing: queries.filter((text) => text === "").length };
}
