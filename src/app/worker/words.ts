import type { Changes } from "../../plan/whatIf.js";
import type { Target } from "../../solve/target.js";
import { shellLine, type Origin } from "../../report/origin.js";
import { fileDigest } from "../../text/digest.js";
import { find } from "../browser/drawer.js";
import type { Settings } from "../messages.js";
import { LIMITS } from "./reading.js";

/** What the page asks for, as options of the command line: those that differ from the defaults. */

/** An option and its value; nothing without one. */
export function word(option: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [option, String(value)];
}

/** An option that is repeated for each value. */
export function words(option: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [option, value]);
}

/** How rows are split. */
export function splitWords({ train, validation, repeats }: Settings): string[] {
  return [
    ...word("--train", train === undefined ? undefined : `${train}%`),
    ...word("--validation", validation === undefined ? undefined : `${validation}%`),
    ...word("--repeats", repeats === 1 ? undefined : repeats),
  ];
}

/** How rows are read, and predictors fitted. */
export function fitWords(settings: Settings): string[] {
  const { seed, predictor, skipBadRows } = settings;
  return [
    ...word("--seed", seed === 1 ? undefined : seed),
    ...word("--predictor", predictor === "auto" ? undefined : predictor),
    ...word("--models", settings.models),
    ...word("--query-column", settings.queryColumn),
    ...word("--metric", settings.metric),
    ...word("--scorer", settings.scorer),
    ...word("--scale", settings.scale),
    ...(skipBadRows ? ["--skip-bad-rows"] : []),
    ...word("--prices", settings.prices),
    ...words("--price", settings.price),
    ...word("--vector-columns", settings.vectorColumns),
    ...(settings.vectorsAdd ? ["--vectors-add"] : []),
    ...word("--feature-columns", settings.featureColumns),
  ];
}

export function targetWords(target: Target): string[] {
  if ("budget" in target) return ["--budget", String(target.budget)];
  if ("accuracy" in target) return ["--accuracy", String(target.accuracy)];
  return ["knee" in target ? "--knee" : "--match-best"];
}

export function changeWords({ scaleCost = [], without = [] }: Changes = {}): string[] {
  return [
    ...words(
      "--scale-cost",
      scaleCost.map(([model, factor]) => `${model}=${factor}`),
    ),
    ...(without.length === 0 ? [] : ["--without", without.map(listed).join(",")]),
  ];
}

export function shownWords({ limits, group }: { limits?: string; group?: string }): string[] {
  return [...word("--constraints", limits === undefined ? undefined : LIMITS), ...word("--group", group)];
}

/** A name that holds a comma stands in quotes. */
function listed(name: string): string {
  return name.includes(",") ? `"${name}"` : name;
}

/** Where a report's figures come from: the command that gives them, and the digests of the files. */
export async function originOf(
  argv: readonly string[],
  paths: readonly (string | undefined)[],
): Promise<Origin> {
  const inputs: Origin["inputs"] = [];
  for (const path of paths) {
    if (path === undefined) continue;
    inputs.push({ name: path, sha256: find(path) instanceof Blob ? await fileDigest(path) : undefined });
  }
  return { command: shellLine(["optllm", ...argv]), inputs };
}
