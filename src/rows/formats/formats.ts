import type { Format } from "./format.js";
import { inspect } from "./inspect/inspect.js";
import { llmRouter } from "./llmRouter.js";
import { llmRouterBench } from "./llmRouterBench.js";
import { lmEval } from "./lmEval.js";
import { helicone } from "./logs/helicone.js";
import { langfuse } from "./logs/langfuse.js";
import { litellm } from "./logs/litellmLog.js";
import { openRouter } from "./logs/openRouter.js";
import { long } from "./long.js";
import { batchOutput, openAiBatch, openAiBatchOutput } from "./openAiBatch.js";
import { promptfoo } from "./promptfoo.js";
import { routerArena } from "./routerArena.js";
import { routeLlm } from "./routeLlm.js";
import { routerBench } from "./routerBench.js";
import type { Row } from "./values.js";

/** Other tools' formats. The first that matches a file is used, so the more specific ones come first. */
export const formats: readonly Format[] = [
  promptfoo,
  inspect,
  lmEval,
  llmRouterBench,
  openAiBatchOutput,
  batchOutput,
  openAiBatch,
  routerArena,
  routerBench,
  llmRouter,
  litellm,
  langfuse,
  openRouter,
  helicone,
  long,
  routeLlm,
];

/** The names of every format that `readDataset` understands, our own first. */
export const FORMATS = ["native", ...formats.map(({ name }) => name)] as readonly string[];

/** Whether a format of this name is a log of calls, one model a query. */
export function isLog(name: string): boolean {
  return formats.some((format) => format.name === name && format.isLog === true);
}

const NATIVE = /__(score|cost|input_tokens|output_tokens)$/;

/** Whether these are keys of our own rows. */
export function isNative(keys: ReadonlySet<string>): boolean {
  return [...keys].some((key) => NATIVE.test(key));
}

/**
 * The format that rows or a document with these keys have; undefined: our own, or none that is known. `first`: the first
 * row, where it is known.
 */
export function formatLike(keys: ReadonlySet<string>, first?: Row): Format | undefined {
  return isNative(keys) ? undefined : formats.find(({ isLike }) => isLike(keys, first));
}
