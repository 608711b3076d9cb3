import { dollars, percent } from "./words.js";
import type { Target } from "../solve/target.js";

/** A target in words. */
export function nameOf(target: Target): string {
  if ("budget" in target) return `budget ${dollars(target.budget)}`;
  if ("accuracy" in target) return `expected accuracy ${percent(target.accuracy)}`;
  return "knee" in target ? "knee of the front" : "match the best single model";
}

/** The same for the label of a point. */
export function shortNameOf(target: Target): string {
  if ("accuracy" in target) return percent(target.accuracy);
  if ("matchBest" in target) return "match best";
  return "knee" in target ? "knee" : nameOf(target);
}
