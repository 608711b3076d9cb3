import type { Format } from "./format.js";
import { inspect } from "./inspect.js";
import { llmRouter } from "./llmRouter.js";
import { llmRouterBench } from "./llmRouterBench.js";
import { lmEval } from "./lmEval.js";
import { long } from "./long.js";
import { openAiBatch, openAiBatchOutput } from "./openAiBatch.js";
import { promptfoo } from "./promptfoo.js";
import { routerArena } from "./routerArena.js";
import { routeLlm } from "./routeLlm.js";
import { routerBench } from "./routerBench.js";

/** Other tools' formats. The first that matches a file is used, so the more specific ones come first. */
export const formats: readonly Format[] = [
  promptfoo,
  inspect,
  lmEval,
  llmRouterBench,
  openAiBatchOutput,
  openAiBatch,
  routerArena,
  routerBench,
  llmRouter,
  long,
  routeLlm,
];

/** The names of every format that `readDataset` understands, our own first. */
export const FORMATS = ["native", ...formats.map(({ name }) => name)] as readonly string[];

const NATIVE = /__(score|cost|input_tokens|output_tokens)$/;

/** The format that rows or a document with these keys have; undefined: our own, or none that is known. */
export function formatLike(keys: ReadonlySet<string>): Format | undefined {
  if ([...keys].some((key) => NATIVE.test(key))) return undefined;
  return formats.find(({ isLike }) => isLike(keys));
}
