import { USUAL_PART, type Part } from "../../plan/rows.js";
import { priceCall } from "../../prices/call.js";
import { readPrices, type PriceTable } from "../../prices/table.js";
import type { Pool } from "../../pool/pool.js";
import { shellLine, type Origin } from "../../report/origin.js";
import type { DatasetOptions } from "../../rows/dataset.js";
import { fileDigest } from "../../text/digest.js";
import type { Given, Send, Settings } from "../messages.js";

/** What the jobs of a worker run with. */
export interface Running {
  send: Send;
  /** Undefined where memory cannot be shared: all is computed by the worker itself. */
  pool?: Pool;
}

/** How rows are read, as the commands read them without further options. */
export async function readingOf(
  { predictor }: Settings,
  { send }: Running,
): Promise<DatasetOptions & { priceTable: PriceTable }> {
  const priceTable = await readPrices();
  return {
    priceTable,
    price: priceCall(priceTable),
    needsTexts: predictor !== "base-rate",
    onProgress: ({ phase, done, total }) => send({ kind: "progress", phase, done, total }),
    onNote: (text) => send({ kind: "note", text }),
  };
}

/** How predictors are fitted. */
export function fittingOf({ predictor, seed }: Settings) {
  return { predictor, seed, alpha: undefined, replicates: 0 };
}

export function partOf(percent: number | undefined): Part {
  return percent === undefined ? USUAL_PART : { share: percent / 100 };
}

/** The options of a command that differ from its defaults. */
export function settingWords({ train, validation, repeats, seed, predictor }: Settings): string[] {
  return [
    ...(train === undefined ? [] : ["--train", `${train}%`]),
    ...(validation === undefined ? [] : ["--validation", `${validation}%`]),
    ...(repeats === 1 ? [] : ["--repeats", String(repeats)]),
    ...fitWords({ seed, predictor }),
  ];
}

export function fitWords({ seed, predictor }: Pick<Settings, "seed" | "predictor">): string[] {
  return [
    ...(seed === 1 ? [] : ["--seed", String(seed)]),
    ...(predictor === "auto" ? [] : ["--predictor", predictor]),
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
