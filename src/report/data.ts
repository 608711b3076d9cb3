/**
 * The content of a report, as plain JSON. Texts are shown unchanged. Dollars and accuracies (0 … 1)
 * are numbers, which the page formats.
 */
export interface ReportData {
  /** "Allocation of 10,000 queries to 12 models" */
  title: string;
  /** The main findings, one sentence each. */
  summary: string[];
  /** The key figures. */
  figures: Figure[];
  front?: FrontData;
  intervals?: IntervalsData;
  reliability?: ReliabilityData;
  /** In the order of the page; the first stands below the charts of the front. */
  tables: TableData[];
  queries?: QueriesData;
  /** Notes for the reader: models left out, rows cut. */
  notes: string[];
  origin: OriginData;
}

/** How a value is written: "$1.25", "81.20 %", "+1.20 points", "1,000", "0.01230". */
export type Unit = "dollars" | "percent" | "points" | "count" | "number" | "text";
/** Null: not known, or not applicable. */
export type Cell = string | number | null;

/** A key figure at the top of a report. */
export interface Figure {
  label: string;
  unit: Unit;
  value: Cell;
  /** A line below it. */
  note?: string;
}

/** A table: its columns with their units, and its rows. */
export interface TableData {
  /** A heading that no other table of the report has. */
  heading: string;
  /** The content of the table, and how to read it. */
  text: string;
  columns: { title: string; unit: Unit }[];
  /** The first cell names the row. */
  rows: Cell[][];
}

/** The chart of accuracy by cost. */
export interface FrontData {
  /** Title of the vertical axis: "expected accuracy". */
  accuracyTitle: string;
  /** "1,000 of 15,210 points of the front are drawn." */
  text: string;
  /** The first is the front itself. */
  curves: Curve[];
  marks: Mark[];
  explorer: ExplorerData;
}

/** Points by rising cost. */
export interface Curve {
  name: string;
  kind: "front" | "promised" | "other" | "zero" | "oracle" | "method";
  /** Only for a method, which is drawn as dots: the number of its colour, 0 … 11; default: the colour of `other`. */
  colour?: number;
  /** Dollars. */
  cost: number[];
  accuracy: number[];
}

/** A named point on the chart of the front. */
export interface Mark {
  name: string;
  kind: "single" | "chosen" | "knee";
  /** Dollars. */
  cost: number;
  accuracy: number;
}

/** The front along which a budget is moved: parallel arrays, points by rising cost. */
export interface ExplorerData {
  /** Dollars. */
  cost: number[];
  expectedAccuracy: number[];
  /** Only where outcomes are recorded. */
  recordedAccuracy?: number[];
  /** λ, probability per dollar; null at the cheapest point. */
  lambda?: (number | null)[];
  /** No allocation that costs as much has a higher expected accuracy. Default: that of the point. */
  bound?: number[];
  /** The sum of the weights of all queries. */
  weight: number;
  /** The budget to begin with, dollars. */
  start: number;
  /** Shares of the queries along the front; undefined where not known. */
  shares?: SharesData;
  /** The command for a budget, without the number of dollars at its end. */
  command?: string;
}

/** Each model's share of the queries along the front. */
export interface SharesData {
  models: string[];
  /** For each model, its share at each point, 0 … 1. */
  ofModel: number[][];
}

/** Gains with their confidence intervals. */
export interface IntervalsData {
  heading: string;
  text: string;
  /** The title names the unit: values are shown times 100. */
  groups: { title: string; rows: IntervalRow[] }[];
}

/** A figure with its 95 % interval; null: not reached, or not known. */
export interface IntervalRow {
  name: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
}

/** How often answers were right, by their predicted probability. */
export interface ReliabilityData {
  text: string;
  /** The first is for all models together. */
  groups: ReliabilityGroup[];
}

/** Calibration of one model: predicted and recorded rates, bin by bin. */
export interface ReliabilityGroup {
  name: string;
  /** One for each bin of equal width from 0 to 1. */
  bins: { labels: number; predicted: number; observed: number }[];
}

/** A sample of queries with their models. */
export interface QueriesData {
  text: string;
  models: string[];
  /** Whether any row has an `outcome`. */
  hasOutcomes: boolean;
  rows: QueryRow[];
}

/** One sampled query: its model, probability and cost. */
export interface QueryRow {
  id: string;
  query: string;
  /** Index of the chosen model. */
  model: number;
  probability: number;
  /** Dollars. */
  cost: number;
  /** The model that would be chosen without this one; undefined where no other may answer. */
  next?: { model: number; probability: number; cost: number };
  /** Recorded success of the chosen model, 0 … 1. */
  outcome?: number;
}

/** Everything needed to repeat the run. */
export interface OriginData {
  command: string;
  inputs: InputData[];
  settings: { name: string; value: string }[];
  versions: { name: string; value: string }[];
}

/** An input file and its SHA-256. */
export interface InputData {
  name: string;
  /** SHA-256 of the file's bytes; undefined for standard input, which cannot be read twice. */
  sha256?: string;
}
