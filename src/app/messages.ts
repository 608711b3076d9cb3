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

/** Undefined: as the content shows. Texts are as the options take them, and are read where the request is done. */
export interface Reading {
  queryColumn?: string;
  metric?: string;
  scorer?: string;
  /** "1..10" */
  scale?: string;
  skipBadRows?: boolean;
  /** Names of the only models to read, separated by commas. */
  models?: string;
  /** "task=math" */
  where: string[];
  /** A price file, among the files. */
  prices?: string;
  /** "gpt-4o=2.5/10" */
  price: string[];
  /** A .npy file with a row for each labelled row, among the files. */
  vectors?: string;
  /** The beginning of the names of columns. */
  vectorColumns?: string;
  /** Vectors beside the texts, not in their place. */
  vectorsAdd?: boolean;
  /** Names of columns that tell kinds of queries apart, separated by commas. */
  featureColumns?: string;
}

/** What a request does besides: limits as a file of them says, and a column whose values are shown one by one. */
interface Shown {
  limits?: string;
  group?: string;
}

/** What every request brings. `labelled`: the file or folder of labelled rows, among the files. */
interface OnRows {
  files: Given[];
  labelled: string;
  settings: Settings;
}

export type Judge = OnRows & Shown & { kind: "judge"; targets: Target[]; changes?: Changes };
export type Fit = OnRows & { kind: "fit" };
export type PlanWork = OnRows &
  Shown & {
    kind: "plan";
    work: string;
    target: Target;
    changes?: Changes;
    /** Which rows of the work. */
    where: string[];
    /** A .npy file with a row for each row of the work, among the files. */
    vectors?: string;
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
  /** Cells of a table with a head. */
  groups?: string[][];
  /** The same on the command line. */
  command: string;
}

export interface Planned {
  kind: "planned";
  /** "infeasible" and "notFound" have no allocation. */
  isChosen: boolean;
  sentences: string[];
  groups?: string[][];
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

/** A worker's wish for a thread beside it, which gets the port. */
export interface ThreadWanted {
  kind: "thread";
  port: MessagePort;
}

/** The name of a worker that is such a thread. */
export const THREAD = "thread";

/** Where a worker puts its answers. */
export type Send = (answer: Answer) => void;
