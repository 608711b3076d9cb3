import { InputError } from "../../errors.js";
import { reportedCost, settle, settledUsage, type SettledUsage, type Usage } from "../../prices/usage.js";
import type { Observations } from "./observations.js";
import { at, numberOf, objectIn, type Row } from "./values.js";

/** What an answer used and what was charged for it. */
export interface Charged {
  /** Recorded dollars. */
  cost?: number;
  usage?: Usage;
  /** Counted where the recorded dollars are taken for tokens. */
  costNote?: string;
}

/** Where rows keep the usage that the provider reported. */
const PLACES = [
  ["usage"],
  ["usage_metadata"],
  ["usageMetadata"],
  ["token_usage"],
  ["response", "usage"],
  ["response", "usageMetadata"],
  ["response", "body", "usage"],
];

/** Whether rows with these keys may hold a reported usage. */
export function hasUsage(keys: ReadonlySet<string>): boolean {
  return PLACES.some(([first, second]) => second === undefined && keys.has(first));
}

/** The usage object of a row, also as JSON text, with the dollars it may hold. */
export function reportedIn(row: Row, sink: Observations): Charged {
  for (const place of PLACES) {
    const reported = objectIn(at(row, ...place));
    if (reported === undefined || Object.keys(reported).length === 0) continue;
    return { cost: reportedCost(reported), usage: taken(() => settledUsage(reported), sink) };
  }
  return {};
}

/** The reported usage in our convention. What contradicts itself is counted and left out. */
export function usageOf(reported: unknown, sink: Observations): Usage | undefined {
  return taken(() => settledUsage(reported), sink);
}

/** Counts in columns of their own; the input includes the cached tokens unless `total` shows otherwise. */
export interface Counts {
  input?: number;
  output?: number;
  cachedInput?: number;
  cacheWrite?: number;
  reasoning?: number;
  total?: number;
  /** The usual way to count the parts, unless the total shows the other; default: true. */
  hasCacheInInput?: boolean;
  hasReasoningInOutput?: boolean;
}

/** The usage that such counts show; undefined without input or output, or where the total contradicts them. */
export function countedUsage(counts: Counts, sink: Observations): Usage | undefined {
  const { input, output, cachedInput = 0, cacheWrite = 0, reasoning = 0, total = 0 } = counts;
  if (input === undefined || output === undefined) return undefined;
  const { hasCacheInInput = true, hasReasoningInOutput = true } = counts;
  if (total === 0 && hasCacheInInput && hasReasoningInOutput)
    return { input, output, cachedInput, cacheWrite, reasoning };
  const reported = { input, output, cachedInput, cacheWrite, cacheWrite1h: 0, reasoning, total };
  return taken(() => settle({ ...reported, hasCacheInInput, hasReasoningInOutput }), sink);
}

function taken(read: () => SettledUsage, sink: Observations): Usage | undefined {
  try {
    const { usage, taken } = read();
    if (taken !== undefined) sink.note(taken);
    return usage;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    sink.note(`tokens left out: ${sink.once("usage that is left out", error.message)}`);
    return undefined;
  }
}

/** Recorded dollars, unless they are the 0 that a tool writes for tokens whose price it does not know. */
export function recordedCost(cost: unknown, usage: Usage | undefined, sink: Observations): Charged {
  const dollars = numberOf(cost);
  if (dollars === 0 && usage !== undefined && usage.input + usage.output > 0) {
    sink.note("recorded cost of 0 for tokens: not taken");
    return { usage };
  }
  return { cost: dollars, usage, costNote: "recorded cost taken, not the price of the tokens" };
}
