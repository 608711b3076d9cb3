import type { Format } from "./format.js";
import { nameOf, numberOf, field, isReadable, truthOf, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/**
 * RouteLLM's evaluation tables: a column `prompt`, and a column for each model that holds True or False, or 1 or 0.
 * Other columns are left out. No costs.
 */
export const routeLlm: Format = {
  name: "routellm",
  isLike: (keys, first) =>
    keys.has("prompt") &&
    keys.size > 1 &&
    ![...keys].some((key) => key === "id" || key.includes("|") || key.includes("__")) &&
    (first === undefined || hasTruths(first)),
  read,
};

/** Whether a row has a word such as True, or nothing but ones and zeros beside its prompt. */
function hasTruths(row: Row): boolean {
  const values = Object.entries(row).flatMap(([key, value]) =>
    key === "prompt" || isIndex(key) || value === null || value === "" ? [] : [value],
  );
  return values.some(isWord) || (values.length > 0 && values.every((value) => truthOf(value) !== undefined));
}

function isWord(value: unknown): boolean {
  return truthOf(value) !== undefined && numberOf(value) === undefined;
}

/** A row number that pandas wrote. */
function isIndex(key: string): boolean {
  return key === "index" || key.startsWith("Unnamed: ");
}

function read(row: Row, sink: Observations): void {
  const prompt = nameOf(field(row, "prompt"));
  if (prompt === undefined) return sink.skip("no prompt");
  const query = { key: digest(prompt), text: prompt };
  let isUsed = false;
  for (const model of Object.keys(row)) {
    if (model === "prompt" || isIndex(model) || !isReadable(row, model)) continue;
    const value = row[model];
    const truth = truthOf(value);
    if (truth === undefined) {
      // A column of numbers is no model's, though some of them are 1 or 0.
      if (numberOf(value) !== undefined)
        sink.leaveOut(model, "column of other numbers than 1 and 0, so no model");
      continue;
    }
    sink.observe({ query, model, score: truth ? 1 : 0 });
    isUsed = true;
  }
  if (!isUsed) sink.skip("no column that holds True or False (or 1 or 0)");
}
