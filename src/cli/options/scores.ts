import type { Command } from "commander";
import type { ScoreChoice } from "../../rows/formats/answers/metrics.js";
import { parseScale } from "../../rows/formats/answers/scale.js";
import { argument } from "../parse.js";

/** Which value of another tool's results is the score. */
export type ScoreOptions = ScoreChoice;

export function withScores(command: Command): Command {
  return command
    .option(
      "--metric <name>",
      "of other tools' results: the metric that is the score (default: printed as a note)",
    )
    .option("--scorer <name>", "of Inspect logs: the scorer that gives the score")
    .option("--score-key <key>", "of a scorer with several values: the key, or the index from 0")
    .option("--pass", "take pass or fail as the score, not a grade")
    .option(
      "--scale <worst..best>",
      "scale of the scores, such as 1..10 or 0..100 (default: found from all values)",
      (text: string) => argument(text, parseScale),
    );
}

/** The choice of the score; undefined if no option makes one. */
export function scoresOf({ metric, scorer, scoreKey, pass, scale }: ScoreOptions): ScoreChoice | undefined {
  const choice = { metric, scorer, scoreKey, pass, scale };
  return Object.values(choice).some((value) => value !== undefined) ? choice : undefined;
}
