import type { Command } from "commander";
import type { Target } from "../../solve/target.js";
import { numberFrom0, shareOf1 } from "../parse.js";

export interface TargetOptions {
  budget?: number;
  accuracy?: number;
  knee?: boolean;
  matchBest?: boolean;
}

export function withTarget(command: Command): Command {
  return command
    .option("--budget <dollars>", "choose the most accurate allocation within this total cost", numberFrom0)
    .option(
      "--accuracy <share>",
      "choose the cheapest allocation with this expected accuracy: 0.85 or 85%",
      shareOf1,
    )
    .option("--knee", "choose the point beyond which more money buys little accuracy")
    .option("--match-best", "choose the cheapest allocation as accurate as the best single model");
}

/** The targets that were asked for. */
export function targetsOf(options: TargetOptions): Target[] {
  const targets: Target[] = [];
  if (options.budget !== undefined) targets.push({ budget: options.budget });
  if (options.accuracy !== undefined) targets.push({ accuracy: options.accuracy });
  if (options.knee === true) targets.push({ knee: true });
  if (options.matchBest === true) targets.push({ matchBest: true });
  return targets;
}

/** The one target that was asked for. */
export function targetOf(command: Command, options: TargetOptions): Target {
  const targets = targetsOf(options);
  if (targets.length !== 1) {
    command.error("error: give one of --budget, --accuracy, --knee and --match-best");
  }
  return targets[0];
}
