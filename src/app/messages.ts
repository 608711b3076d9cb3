import type { PredictorChoice } from "../predict/fit.js";
import type { Decision } from "../backtest/figures/verdict.js";
import type { Changes } from "../plan/whatIf.js";
import type { Target } from "../solve/target.js";

/** What the page and its worker send each other: one request, then answers until "done" or "failed". */

/** A file that the user gave, and the path by which commands and errors name it. */
export interface Given {
  path: string;
  file: Blob;
}

/** How the rows are read, split and fitted; the options of the same names of `optllm backtest`. */
export interface Settings extends Reading {
  /** Per cent of the rows; undefined: as the command line without the option. */
  train?: number;
  validation?: number;
  repeats: number;
  seed: number;
  predictor: PredictorChoice;
}

/** Undefined: as the content shows. */
export interface Reading {
  queryColumn?: string;
  metric?: string;
  scorer?: string;
  /** "1..10" */
  scale?: string;
  skipBadRows?: boolean;
}

/** What every request brings. `labelled`: the file or folder of labelled rows, among the files. */
interface OnRows {
  files: Given[];
  labelled: string;
  settings: Settings;
}

export type Judge = OnRows & { kind: "judge"; targets: Target[]; changes?: Changes };
export type Fit = OnRows & { kind: "fit"; work?: string };
export type PlanWork = OnRows & {
  kind: "plan";
  work: string;
  target: Target;
  changes?: Changes;
  /** Limits, as a file of them says. */
  limits?: string;
  /** Plan at batch prices, and make the batch files. */
  isBatch: boolean;
};
/** Makes the rows of the example. */
export interface Example {
  kind: "example";
}

export type Request = Judge | Fit | PlanWork | Example;

/** A file to keep. */
export interface Made {
  name: string;
  file: Blob;
}

/** A finding in words, and the targets' verdicts in the order of the targets. */
export interface Judged {
  kind: "judged";
  decision: Decision;
  /** The first says whether to route. */
  sentences: string[];
  queries: number;
  models: string[];
  /** The same on the command line. */
  command: string;
}

export interface Planned {
  kind: "planned";
  /** "infeasible" and "notFound" have no allocation. */
  isChosen: boolean;
  sentences: string[];
  notes: string[];
  command: string;
  files: Made[];
}

export type Answer =
  | { kind: "progress"; phase: string; done: number; total: number }
  | { kind: "note"; text: string }
  | Judged
  | Planned
  /** A report's page, complete. */
  | { kind: "report"; page: string }
  | { kind: "made"; files: Made[]; command: string }
  /** Rows of the example, as if they had been dropped. */
  | { kind: "rows"; labelled: Given; work: Given; command: string }
  /** `isFault`: not of the input, but of this program. */
  | { kind: "failed"; message: string; isFault: boolean }
  | { kind: "done"; threads: number };

/** Where a worker puts its answers. */
export type Send = (answer: Answer) => void;
