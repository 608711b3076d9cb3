import { dollars, percent } from "../../export/report/words.js";
import type { Target } from "../../solve/target.js";

/** A target in words. */
export function nameOf(target: Target): string {
  if ("budget" in target) return `budget ${dollars(target.budget)}`;
  if ("accuracy" in target) return `expected accuracy ${percent(target.accuracy)}`;
  return "knee" in target ? "knee of the front" : "as accurate as the best single model";
}
