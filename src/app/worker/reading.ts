import { USUAL_PART, type Part } from "../../plan/rows.js";
import { priceCall } from "../../prices/call.js";
import { readPrices, type PriceTable } from "../../prices/table.js";
import type { Pool } from "../../pool/pool.js";
import { shellLine, type Origin } from "../../report/origin.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { fileDigest } from "../../text/digest.js";
import { parseScale } from "../../rows/formats/answers/scale.js";
import type { ScoreChoice } from "../../rows/formats/answers/metrics.js";
import type { Given, Reading, Send, Settings } from "../messages.js";

/** What the jobs of a worker run with. */
export interface Running {
  send: Send;
  /** Undefined where memory cannot be shared: all is computed by the worker itself. */
  pool?: Pool;
}

/** How rows are read, as the commands read them without further options. */
export async function readingOf(
  { predictor, queryColumn, skipBadRows }: Settings,
  { send }: Running,
): Promise<DatasetOptions & { priceTable: PriceTable }> {
  const priceTable = await readPrices();
  return {
    priceTable,
    price: priceCall(priceTable),
    ...{ queryColumn, skipBadRows, needsTexts: predictor !== "base-rate" },
    onProgress: ({ phase, done, total }) => send({ kind: "progress", phase, done, total }),
    onNote: (text) => send({ kind: "note", text }),
  };
}

/** The choice of the labelled rows' score; undefined for none. */
export function scoreOf({ metric, scorer, scale }: Settings): ScoreChoice | undefined {
  if ((metric ?? scorer ?? scale) === undefined) return undefined;
  return { metric, scorer, scale: scale === undefined ? undefined : parseScale(scale) };
}

/** How predictors are fitted. */
export function fittingOf({ predictor, seed }: Settings) {
  return { predictor, seed, alpha: undefined, replicates: 0 };
}

export function partOf(percent: number | undefined): Part {
  return percent === undefined ? USUAL_PART : { share: percent / 100 };
}

/** The options of a command that differ from its defaults. */
export function settingWords({ train, validation, repeats, ...others }: Settings): string[] {
  return [
    ...(train === undefined ? [] : ["--train", `${train}%`]),
    ...(validation === undefined ? [] : ["--validation", `${validation}%`]),
    ...(repeats === 1 ? [] : ["--repeats", String(repeats)]),
    ...fitWords(others),
  ];
}

export function fitWords({
  seed,
  predictor,
  ...reading
}: Pick<Settings, "seed" | "predictor"> & Reading): string[] {
  const { queryColumn, metric, scorer, scale, skipBadRows } = reading;
  const word = (option: string, value: string | undefined): string[] =>
    value === undefined ? [] : [option, value];
  return [
    ...(seed === 1 ? [] : ["--seed", String(seed)]),
    ...(predictor === "auto" ? [] : ["--predictor", predictor]),
    ...word("--query-column", queryColumn),
    ...word("--metric", metric),
    ...word("--scorer", scorer),
    ...word("--scale", scale),
    ...(skipBadRows ? ["--skip-bad-rows"] : []),
  ];
}

/** Where a report's figures come from: the command that gives them, and the digests of the files. */
export async function originOf(
  words: readonly string[],
  paths: readonly string[],
  files: readonly Given[],
): Promise<Origin> {
  const inputs: Origin["inputs"] = [];
  for (const path of paths) {
    const isFile = files.some((given) => given.path === path);
    inputs.push({ name: path, sha256: isFile ? await fileDigest(path) : undefined });
  }
  return { command: shellLine(["optllm", ...words]), inputs };
}
