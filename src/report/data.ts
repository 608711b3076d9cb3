/**
 * What a report shows, as plain JSON. Texts are shown as they are, whatever they hold; dollars and accuracies (0 … 1)
 * are numbers, which the page words.
 */
export interface ReportData {
  /** "Allocation of 10,000 queries to 12 models" */
  title: string;
  /** What to know first, a sentence each. */
  summary: string[];
  /** The figures that matter most. */
  figures: Figure[];
  front?: FrontData;
  intervals?: IntervalsData;
  reliability?: ReliabilityData;
  /** In their order; `models` stands below the front. */
  tables: TableData[];
  queries?: QueriesData;
  /** What the reader should know: models left out, rows cut. */
  notes: string[];
  origin: OriginData;
}

/** How a value is worded: "$1.25", "81.20 %", "+1.20 points", "1,000", "0.0123". */
export type Unit = "dollars" | "percent" | "points" | "count" | "number" | "text";
/** Null: not known, or does not apply. */
export type Cell = string | number | null;

export interface Figure {
  label: string;
  unit: Unit;
  value: Cell;
  /** A line below it. */
  note?: string;
}

export interface TableData {
  /** A heading of its own. */
  heading: string;
  /** What it says and how to read it. */
  text: string;
  columns: { title: string; unit: Unit }[];
  /** The first cell names the row. */
  rows: Cell[][];
}

/** What money buys. */
export interface FrontData {
  /** What the vertical axis is: "expected accuracy". */
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
  /** Of a method, which is drawn as dots: the number of its colour, 0 … 11; default: that of `other`. */
  colour?: number;
  /** Dollars. */
  cost: number[];
  accuracy: number[];
}

export interface Mark {
  name: string;
  kind: "single" | "chosen" | "knee";
  /** Dollars. */
  cost: number;
  accuracy: number;
}

/** The front at which a budget is moved: parallel arrays, points by rising cost. */
export interface ExplorerData {
  /** Dollars. */
  cost: number[];
  expectedAccuracy: number[];
  /** Only where outcomes are recorded. */
  recordedAccuracy?: number[];
  /** Price of accuracy, probability per dollar; null at the cheapest point. */
  lambda?: (number | null)[];
  /** Queries by weight. */
  weight: number;
  /** The budget to begin with, dollars. */
  start: number;
  /** Shares of the queries along the front; undefined where they are not known. */
  shares?: SharesData;
  /** The command that chooses for a budget, up to the number. */
  command?: string;
}

export interface SharesData {
  models: string[];
  /** Of each model its share at each point, 0 … 1. */
  ofModel: number[][];
}

/** Gains and what chance could have made of them. */
export interface IntervalsData {
  heading: string;
  text: string;
  /** The title says the unit: values are shown times 100. */
  groups: { title: string; rows: IntervalRow[] }[];
}

/** A figure with its 95 % interval; null: not reached, or not known. */
export interface IntervalRow {
  name: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
}

/** How often answers were right, by how probable that was said to be. */
export interface ReliabilityData {
  text: string;
  /** The first is of all models together. */
  groups: ReliabilityGroup[];
}

export interface ReliabilityGroup {
  name: string;
  /** Of each bin of equal width from 0 to 1. */
  bins: { labels: number; predicted: number; observed: number }[];
}

/** Some queries and what was decided about them. */
export interface QueriesData {
  text: string;
  models: string[];
  /** Whether `outcome` is known of some. */
  hasOutcomes: boolean;
  rows: QueryRow[];
}

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

/** What is needed to run it again. */
export interface OriginData {
  command: string;
  inputs: InputData[];
  settings: { name: string; value: string }[];
  versions: { name: string; value: string }[];
}

export interface InputData {
  name: string;
  /** SHA-256 of the file's bytes; undefined for standard input, which cannot be read twice. */
  sha256?: string;
}
