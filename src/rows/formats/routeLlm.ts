import type { Format } from "./format.js";
import { nameOf, field, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/**
 * RouteLLM's evaluation tables: a column `prompt`, and a column for each model that holds True or False. Other columns
 * are left out. No costs.
 */
export const routeLlm: Format = {
  name: "routellm",
  isLike: (keys) =>
    keys.has("prompt") && keys.size > 1 && ![...keys].some((key) => key.includes("|") || key.includes("__")),
  read,
};

function read(row: Row, sink: Observations): void {
  const prompt = nameOf(field(row, "prompt"));
  if (prompt === undefined) return sink.skip("no prompt");
  const query = { key: digest(prompt), text: prompt };
  let isUsed = false;
  for (const [model, value] of Object.entries(row)) {
    const word = typeof value === "boolean" ? String(value) : String(value).trim().toLowerCase();
    if (model === "prompt" || (word !== "true" && word !== "false")) continue;
    sink.observe({ query, model, score: word === "true" ? 1 : 0 });
    isUsed = true;
  }
  if (!isUsed) sink.skip("no column that holds True or False");
}
