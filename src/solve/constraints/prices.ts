import { Copied } from "../../core/solve/constraints/copied.js";
import type { View } from "../../core/solve/constraints/priced.js";
import { addInto } from "../../core/solve/constraints/smooth.js";
import { joinLists } from "../../core/solve/constraints/split.js";
import { activitiesOf, coefficientsAt, type Compiled } from "./compile.js";
import { alone, isCertificate, leastViolation, sampleOf, withoutGoal } from "./conflict/violation.js";
import { evaluateDual, valuesOf, type Evaluation, type Scope } from "./lagrangian.js";
import { descend, mostViolated, type LevelLimits, type Newton } from "./newton.js";
import { addCopies, gather, sampleIndices, weighed } from "./queries/gather.js";
import { byShard, passOver, queriesIn } from "./queries/queries.js";

/** Prices at which the dual is nearly least. */
export interface Prices {
  status: "found" | "infeasible";
  /** Of the scaled rows; for an infeasible problem a certificate: at these prices alone the dual is below 0. */
  evaluation: Evaluation;
  temperature: number;
  /** Evaluations, and what they add up to in passes over all queries. */
  evaluations: number;
}

/** Up to so many queries, prices are found to the last digits. */
const FEW_QUERIES = 20_000;
const LAST_TEMPERATURE = 1e-9;
const FIRST_TEMPERATURE = 0.1;
const WARM_TEMPERATURE = 0.003;
/** Where a core takes over. */
const CORE_TEMPERATURE = 0.00025;
/** Samples: queries, and the temperature down to which each is used. */
const SAMPLES = [
  { size: 1_500, to: 0.02 },
  { size: 10_000, to: 0.006 },
  { size: 70_000, to: 0.0009 },
] as const;
/** A core larger than this part of the queries saves too little, and one of more options (queries × models) takes much memory. */
const MOST_CORE = 0.25;
const MOST_CORE_OPTIONS = 2 ** 21;
const CORE_ROUNDS = 4;
/** Prices that take more of a query than this, in objective, may be those of limits that conflict. */
const LARGE_PRICES = 3;
/** Evaluations on a sample to find prices that prove a conflict. */
const SAMPLED_EVALUATIONS = 60;

/**
 * Finds prices of least dual by continuation: the temperature of the smoothed dual falls, on samples, then on all queries, then
 * on the core, the queries that are still close between two options. Ends when the softmax solution is within a fraction
 * of a query of the dual and of every row. Infeasible only with a certificate over all queries.
 */
export async function findPrices(all: Scope, warm?: Float64Array): Promise<Prices> {
  const search = new Search(all);
  return search.run(warm);
}

class Search {
  private readonly newton: Newton;
  private readonly queries: number;
  private readonly isFew: boolean;
  private trail: { temperature: number; price: Float64Array } | undefined;
  private temperature = FIRST_TEMPERATURE;
  private step = 2.5;

  constructor(private readonly all: Scope) {
    this.queries = all.compiled.all.count;
    this.isFew = this.queries <= FEW_QUERIES;
    const rows = all.compiled.rows.length;
    this.newton = { evaluation: unpriced(rows), evaluations: 0 };
  }

  async run(warm: Float64Array | undefined): Promise<Prices> {
    if (warm !== undefined) {
      this.newton.evaluation = { ...this.newton.evaluation, price: warm };
      this.temperature = WARM_TEMPERATURE;
    } else {
      const early = await this.overSamples();
      if (early !== undefined) return this.result("infeasible", early);
    }
    const end = this.isFew ? LAST_TEMPERATURE : CORE_TEMPERATURE;
    const certificate = await this.overAll(end);
    if (certificate !== undefined) return this.result("infeasible", certificate);
    if (this.isFew || this.isDone(this.all)) return this.result("found");
    const later = await this.overCore();
    return later === undefined ? this.result("found") : this.result("infeasible", later);
  }

  private result(status: Prices["status"], evaluation = this.newton.evaluation): Prices {
    const temperature = Math.max(this.temperature, LAST_TEMPERATURE);
    return { status, evaluation, temperature, evaluations: this.newton.evaluations };
  }

  /** Bound less the objective of the softmax solution, per query. */
  private get gap(): number {
    const { price, gradient, dual, objective } = this.newton.evaluation;
    return price.reduce((gap, p, k) => gap - p * (gradient[k] - this.all.ridge * p), dual - objective);
  }

  private isDone(scope: Scope): boolean {
    const target = this.isFew ? 1e-9 : 0.02 / this.queries;
    if (Math.abs(this.gap) >= target) return false;
    return mostViolated(scope, this.newton.evaluation) <= (this.isFew ? 0.02 : 0.5);
  }

  /** Levels over samples; returns a certificate of infeasibility over all queries, if a sample leads to one. */
  private async overSamples(): Promise<Evaluation | undefined> {
    const { all, newton } = this;
    const { count } = all.queries;
    const sizes = SAMPLES.filter(({ size }) => 4 * size < count);
    const lists = sizes.map(({ size }) => sampleIndices(count, size));
    const views = lists.length === 0 ? [] : await gather(all.queries, lists, all);
    for (const [k, { size, to }] of sizes.entries()) {
      const sample = weighed(views[k]);
      if (!(sample.weight > 0)) continue;
      const scope = { ...all, ...sample, ridge: 20 / Math.sqrt(size) };
      const limits = (): LevelLimits => ({
        tolerance: 0.02 * this.temperature ** 2,
        violation: Infinity,
        evaluations: 12,
      });
      for (; this.temperature > to; this.temperature /= 2.5) {
        await descend(scope, newton, this.temperature, limits());
      }
    }
    return this.sampledCertificate();
  }

  /** Prices that grow large on samples are those of limits that may conflict: a sample then shows by which prices. */
  private async sampledCertificate(): Promise<Evaluation | undefined> {
    const { all, newton } = this;
    if (this.priceSize <= LARGE_PRICES) return undefined;
    const few = withoutGoal(await sampleOf(all));
    const limits = { isEnough: true, most: SAMPLED_EVALUATIONS };
    const { evaluation } = await leastViolation(few, newton.evaluation.price, limits);
    if (!isCertificate(few, evaluation)) return undefined;
    newton.evaluations++;
    const overAll = await alone(all, evaluation.price);
    return isCertificate(all, overAll) ? overAll : undefined;
  }

  /** What the prices take of a query, about, in objective. */
  private get priceSize(): number {
    const { bound } = this.all.compiled;
    return this.newton.evaluation.price.reduce((sum, p, k) => sum + p * Math.abs(bound[k]), 0);
  }

  /** Levels over all queries; returns a certificate of infeasibility, if there is one. */
  private async overAll(end: number): Promise<Evaluation | undefined> {
    const { all, newton, isFew } = this;
    for (let isFirst = true; this.temperature > end; isFirst = false) {
      const before = newton.evaluations;
      await descend(all, newton, this.temperature, {
        tolerance: Math.max(
          (this.queries > 200_000 ? 0.02 : 0.003) * this.temperature ** 2,
          isFew ? 1e-15 : 1e-12,
        ),
        violation: isFew ? 0.02 : Infinity,
        evaluations: isFew ? 60 : isFirst ? 30 : 15,
      });
      const certificate = await this.certificate();
      if (certificate !== undefined) return certificate;
      if (this.isDone(all)) break;
      this.step = !isFirst && newton.evaluations - before <= 3 ? 5 : 2.5;
      this.cool();
    }
    return undefined;
  }

  /** Lowers the temperature and guesses the prices there: they move almost linearly with it, exactly so amid ties. */
  private cool(): void {
    const { newton, trail, temperature } = this;
    const next = temperature / this.step;
    const { price } = newton.evaluation;
    if (trail !== undefined && trail.temperature > temperature) {
      const length = (next - temperature) / (temperature - trail.temperature);
      newton.guess = price.map((p, k) => Math.max(0, p + length * (p - trail.price[k])));
    }
    this.trail = { temperature, price };
    this.temperature = next;
  }

  /**
   * Prices at which the dual without the objective is below 0 prove that no allocation keeps the rows: it is at least Σ price ·
   * slack of every allocation, which is ≥ 0 for one that keeps them.
   */
  private async certificate(): Promise<Evaluation | undefined> {
    const { all, newton } = this;
    const hasLowValue = newton.evaluation.dual < leastObjective(all.compiled);
    if (this.priceSize <= LARGE_PRICES && !hasLowValue) return undefined;
    newton.evaluations++;
    const evaluation = await alone(all, newton.evaluation.price);
    return isCertificate(all, evaluation) ? evaluation : undefined;
  }

  /** Levels over the core; returns a certificate of infeasibility, if there is one. */
  private async overCore(): Promise<Evaluation | undefined> {
    const { all, newton } = this;
    const target = 0.02 / this.queries;
    for (let round = 0; round < CORE_ROUNDS; round++) {
      let coreTemperature = this.temperature;
      let start = newton.evaluation;
      let core = await coreOf(all, start.price, 30 * coreTemperature);
      let hasLeft = false;
      while (this.temperature > LAST_TEMPERATURE) {
        const before = newton.evaluations;
        await descend(core, newton, this.temperature, {
          tolerance: Math.max(0.003 * this.temperature ** 2, 1e-12),
          violation: 0.5,
          evaluations: 15,
        });
        hasLeft = newton.evaluation.dual < leastObjective(all.compiled);
        if (hasLeft || this.isDone(core)) break;
        this.step = newton.evaluations - before <= 3 ? 5 : 2.5;
        this.cool();
        if (core !== all) continue;
        coreTemperature = this.temperature;
        start = newton.evaluation;
        core = await coreOf(all, start.price, 30 * coreTemperature);
      }
      newton.guess = undefined;
      if (core === all) return undefined;
      if (hasLeft) newton.evaluation = start;
      else {
        // A core's dual is no bound: the prices may have left its neighbourhood.
        newton.evaluations++;
        const checked = await evaluateDual(all, newton.evaluation.price, this.temperature, 0);
        if (checked.dual - newton.evaluation.dual < 0.1 * target + 1e-10) {
          newton.evaluation = { ...checked, hessian: newton.evaluation.hessian };
          return undefined;
        }
      }
      const certificate = await this.warmAgain(coreTemperature);
      if (certificate !== undefined) return certificate;
    }
    return undefined;
  }

  /** All queries again, from a warmer temperature. */
  private async warmAgain(coreTemperature: number): Promise<Evaluation | undefined> {
    this.trail = undefined;
    this.temperature = Math.min(4 * coreTemperature, 0.002);
    for (const evaluations of [40, 20]) {
      const tolerance = Math.max(0.01 * this.temperature ** 2, 1e-12);
      await descend(this.all, this.newton, this.temperature, { tolerance, violation: Infinity, evaluations });
      const certificate = await this.certificate();
      if (certificate !== undefined) return certificate;
      this.temperature /= evaluations === 40 ? 4 : 2.5;
    }
    this.step = 2.5;
    return undefined;
  }
}

/** Below it no allocation's objective per query can be. */
function leastObjective({ goal }: Compiled): number {
  return goal.cost === 0 ? 0 : -Infinity;
}

function unpriced(rows: number): Evaluation {
  const zeros = new Float64Array(rows);
  return {
    price: zeros,
    smoothed: Infinity,
    dual: Infinity,
    rounding: 0,
    gradient: zeros,
    hessian: new Float64Array(0),
    objective: 0,
    activity: zeros,
    several: 0,
  };
}

/** The queries that are close between two options at some prices, the others fixed; all, if they are too many to be worth it. */
async function coreOf(all: Scope, price: Float64Array, cut: number): Promise<Scope> {
  const { compiled, queries, runner, signal, isThreaded } = all;
  const coefficients = coefficientsAt(compiled, price);
  const { terms } = compiled;
  const asked = { kind: "split", terms, coefficients, cut } as const;
  const views: View[] = [];
  const most = Math.min(MOST_CORE * queries.count, MOST_CORE_OPTIONS / queries.models);
  let count = 0;
  let table: Float64Array | undefined;
  for await (const { part, results } of byShard(passOver<"split">(queries, asked, { runner, signal }))) {
    const rows = joinLists(results.map((result) => result.close)).map((q) => q - part.first);
    count += rows.length;
    if (count > most) return all;
    if (rows.length > 0) {
      const to = new Copied(rows.length, isThreaded);
      await addCopies([{ to, view: part.view, rows }], { runner, signal });
      views.push(to.view);
    }
    for (const result of results) {
      if (table === undefined) table = result.table;
      else addInto(table, result.table);
    }
  }
  if (count === 0) return all;
  const { objective } = valuesOf(compiled, coefficients, { table: table! });
  const fixed = { objective, activity: activitiesOf(compiled, table!) };
  return { ...all, queries: queriesIn(views, queries), fixed };
}
