// What the command line of run.ts asks for, and what is the same in every run.
import { parseArgs } from "node:util";

export const MODELS = 12;
export const SEED = 1;

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    large: { type: "boolean", default: false },
    repeat: { type: "string", default: "5" },
    limit: { type: "string" },
  },
});

/** Most timed runs of a row. */
export const repeat = Number(flags.repeat);
/** A peer is stopped after this time. */
export const limitMs = 1000 * Number(flags.limit ?? (flags.large ? "60" : "10"));
if (!(Number.isInteger(repeat) && repeat >= 1 && limitMs > 0)) {
  throw new Error("--repeat takes a whole number from 1, --limit seconds above 0");
}

/** Numbers of queries. */
export const sizes = [100, 1_000, 10_000, 100_000, 1_000_000, ...(flags.large ? [10_000_000] : [])];

/** Whether the text contains the letters of `--only`. */
export function isWanted(text: string): boolean {
  return text.toLowerCase().includes(flags.only.toLowerCase());
}
