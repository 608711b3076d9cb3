import { InputError } from "../../../errors.js";
import { someOf } from "../../../text/names.js";
import { shown } from "../../../text/shown.js";
import {
  emptyRange,
  extend,
  isWithin,
  scaleOf,
  scaleText,
  UNIT,
  type Scale,
  type ValueRange,
} from "./scale.js";

/** A value that may become the score of an answer. */
export interface Candidate {
  /** The metric, or the scorer. */
  name: string;
  /** Of a scorer with several values: the key, or the index in a list. */
  key?: string;
  value: number;
  /** A verdict such as true, false or "C": 0 … 1 whatever the scale. */
  isVerdict?: boolean;
}

/** Which of a file's metrics becomes the score, and its scale; default: as docs/guide/formats.md says. */
export interface ScoreChoice {
  /** Name of the metric, as the notes have it. */
  metric?: string;
  /** Name of the scorer of an Inspect log. */
  scorer?: string;
  /** Key, or index from 0, of a scorer's value that is an object or a list. */
  scoreKey?: string;
  /** Take pass or fail in place of a graded score. */
  pass?: boolean;
  /** The worst and the best value of the metric, such as `{ worst: 1, best: 10 }`. */
  scale?: { worst: number; best: number };
}

/** What became the score in one task. */
export interface TakenScore {
  /** Index of the metric; −1: none. */
  metric: number;
  scale: Scale;
  /** Why there is none. */
  problem?: string;
  /** Answers of the task that had a value of any metric, but none of this one. */
  missing: number;
}

interface Task {
  /** Answers with a value of any metric. */
  answers: number;
  /** By metric, in the order in which they appeared. */
  ranges: Map<number, ValueRange>;
}

const METRIC_LIMIT = 256;
const SHOWN_NAMES = 8;

/** Metrics that say whether an answer is right. */
const VERDICT_NAME =
  /(?:^|[^a-z])(?:acc|accuracy|exact|exact_match|em|pass|passed|pass@\d+|correct|success|score|performance|mc[12]|f1)(?:$|[^a-z])/i;
/** Metrics that are no scores, or of which less is better. */
const NO_SCORE =
  /perplexity|likelihood|log_?prob|bits_per|brier|_diff$|length|latency|tokens?$|cost|duration|distance|std_?err|(?:^|[^a-z])(?:ppl|loss|ter|wer|cer)(?:$|[^a-z])/i;

/** The metrics of a file: which there are, what values they have in each task, and which becomes the score. */
export class Metrics {
  private readonly indexOf = new Map<string, number>();
  readonly names: string[] = [];
  private readonly tasks: Task[] = [];
  /** Names that the choice leaves out. */
  private readonly others = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly choice: ScoreChoice = {},
  ) {}

  /** Adds candidates of an answer, its first or further ones. Returns the metrics that are to be kept and their values. */
  add(task: number, candidates: readonly Candidate[], isFirst = true): [metric: number, value: number][] {
    const of = (this.tasks[task] ??= { answers: 0, ranges: new Map() });
    const kept: [number, number][] = [];
    for (const candidate of candidates) {
      if (!Number.isFinite(candidate.value)) continue;
      const label = candidate.key === undefined ? candidate.name : `${candidate.name}.${candidate.key}`;
      const metric = this.isWanted(candidate, label) ? this.metric(label) : undefined;
      if (metric === undefined) {
        if (this.others.size < METRIC_LIMIT) this.others.add(label);
        continue;
      }
      let range = of.ranges.get(metric);
      if (!range) of.ranges.set(metric, (range = emptyRange()));
      extend(range, candidate.value, candidate.isVerdict === true);
      kept.push([metric, candidate.value]);
    }
    if (candidates.length > 0 && isFirst) of.answers++;
    return kept;
  }

  /**
   * The score of every task.
   *
   * @throws InputError: nothing has the metric that was asked for, or values outside the scale that was given.
   */
  taken(): TakenScore[] {
    const wider = new Set<number>();
    for (const { ranges } of this.tasks)
      for (const [metric, { max, verdicts }] of ranges) if (max > 1 && verdicts === 0) wider.add(metric);
    const taken = this.tasks.map((task) => this.takenOf(task, wider));
    if (this.isAsked && this.tasks.length > 0 && taken.every(({ metric }) => metric < 0))
      throw this.notFound();
    return taken;
  }

  /** Sentences that say what was taken. `nameOf`: the name of a task. */
  describe(taken: readonly TakenScore[], nameOf: (task: number) => string): string[] {
    const tasksOf = new Map<string, string[]>();
    taken.forEach(({ metric, scale }, task) => {
      if (metric < 0) return;
      const others = [...this.tasks[task].ranges.keys()].filter((other) => other !== metric);
      const names = [...others.map((other) => this.names[other]), ...this.others].map(shown);
      const rest = names.length > 0 ? `; others: ${someOf(names, SHOWN_NAMES)}` : "";
      const sentence = `metric ${shown(this.names[metric])} (${scaleText(scale)})${rest}`;
      const tasks = tasksOf.get(sentence);
      if (tasks) tasks.push(nameOf(task));
      else tasksOf.set(sentence, [nameOf(task)]);
    });
    return [...tasksOf].map(([sentence, tasks]) =>
      tasksOf.size === 1 && taken.every(({ metric }) => metric >= 0)
        ? `score: ${sentence}`
        : `score of ${someOf(tasks, SHOWN_NAMES, shown)}: ${sentence}`,
    );
  }

  private get isAsked(): boolean {
    const { metric, scorer, scoreKey, pass } = this.choice;
    return metric !== undefined || scorer !== undefined || scoreKey !== undefined || pass === true;
  }

  private isWanted({ name, key }: Candidate, label: string): boolean {
    const { metric, scorer, scoreKey } = this.choice;
    return (
      (metric === undefined || metric === label || metric === name || metric === key) &&
      (scorer === undefined || scorer === name) &&
      (scoreKey === undefined || scoreKey === key)
    );
  }

  private metric(label: string): number | undefined {
    let index = this.indexOf.get(label);
    if (index === undefined) {
      index = this.names.length;
      if (index === METRIC_LIMIT) return undefined;
      this.indexOf.set(label, index);
      this.names.push(label);
    }
    return index;
  }

  private takenOf({ answers, ranges }: Task, wider: ReadonlySet<number>): TakenScore {
    const { pass, scale: given } = this.choice;
    const all = [...ranges].map(([metric, range]) => {
      const name = this.names[metric];
      const isOfVerdicts = range.verdicts === range.count;
      const scale = given && !isOfVerdicts ? given : scaleOf(range, name, wider.has(metric));
      return { metric, name, range, scale, isOfVerdicts };
    });
    const fit = all.filter(({ name, range, isOfVerdicts }) =>
      pass ? isOfVerdicts || range.zeros + range.ones === range.count : this.isAsked || !NO_SCORE.test(name),
    );
    const known = fit.filter(({ scale }) => scale !== undefined);
    const best =
      known.find(({ name, isOfVerdicts }) => isOfVerdicts || VERDICT_NAME.test(name)) ??
      known.find(({ scale }) => scale === UNIT) ??
      known.at(0);
    if (best === undefined)
      return {
        metric: -1,
        scale: UNIT,
        problem: problemOf(fit[0] ?? all[0], fit.length > 0),
        missing: answers,
      };
    const { metric, name, range } = best;
    const scale = best.scale!;
    if (!isWithin(range, scale))
      throw new InputError(
        `${this.file}: metric ${shown(name)} has values ${range.min} … ${range.max}, outside the scale ${scaleText(scale)}; give its own scale`,
        { file: this.file, field: "scale", metric: name },
      );
    return { metric, scale, missing: answers - range.count };
  }

  private notFound(): InputError {
    const { metric, scorer, scoreKey, pass } = this.choice;
    const asked = [
      ...(metric === undefined ? [] : [`metric ${shown(metric)}`]),
      ...(scorer === undefined ? [] : [`scorer ${shown(scorer)}`]),
      ...(scoreKey === undefined ? [] : [`score key ${shown(scoreKey)}`]),
      ...(pass ? ["metric of pass and fail"] : []),
    ].join(", ");
    const names = someOf([...new Set([...this.names, ...this.others])], SHOWN_NAMES, shown);
    const problem = this.names.length > 0 && !pass ? "usable " : "";
    return new InputError(`${this.file} has no ${problem}${asked}; it has ${names}`, {
      file: this.file,
      field: "metric",
    });
  }
}

function problemOf(
  first: { name: string; range: ValueRange } | undefined,
  isScore: boolean,
): string | undefined {
  if (first === undefined) return undefined;
  const { name, range } = first;
  if (!isScore) return `metric ${shown(name)} is no score; --metric takes it all the same`;
  return `metric ${shown(name)} has values ${range.min} … ${range.max}: give its scale with --scale WORST..BEST`;
}
