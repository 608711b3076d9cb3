import type { RoundStrand, RoundSums } from "../../core/solve/constraints/round.js";
import { addInto } from "../../core/solve/constraints/smooth.js";
import { sharedBytes } from "../../memory.js";
import { activitiesOf, coefficientsAt, type Compiled } from "./compile.js";
import { valuesOf, type Evaluation, type Scope } from "./lagrangian.js";
import { cutsOf, type Cut } from "./queries/queries.js";

/** Whole queries from a softmax solution, and the dual at its prices. */
export interface Rounded {
  allocation: Uint8Array;
  /** No allocation that keeps the rows has a higher objective per query than this. */
  bound: number;
  /** Objective per query. */
  objective: number;
  /** Σ over queries of how much the value of the chosen option lacks of the best. */
  losses: number;
  /** By row: scaled, what may still be added. */
  slack: Float64Array;
  /** By row: what one shared query moves, root mean square, scaled. */
  norm: Float64Array;
}

/**
 * Gives every query one model near the softmax solution, and takes the exact dual of its prices. The n-th jobs of all shards are a
 * strand, which carries what it owes from job to job; the last job pays what all strands owe. One pass.
 */
export async function roundOff(scope: Scope, evaluation: Evaluation, temperature: number): Promise<Rounded> {
  const { compiled, queries, weight } = scope;
  const { price } = evaluation;
  const coefficients = coefficientsAt(compiled, price);
  const allocation = new Uint8Array(sharedBytes(queries.count));
  const norm = normOf(compiled, evaluation, weight, temperature);
  let table: Float64Array | undefined;
  let [best, chosen] = [0, 0];
  const asked = { terms: compiled.terms, coefficients, temperature, norm };
  for await (const { cut, sums } of roundedCuts(scope, asked)) {
    allocation.set(sums.allocation, cut.first + cut.from);
    best += sums.best;
    chosen += sums.chosen;
    if (table === undefined) table = sums.table;
    else addInto(table, sums.table);
  }
  const activity = activitiesOf(compiled, table!);
  const values = valuesOf(compiled, coefficients, { table: table! });
  let [bounds, size] = [0, 0];
  const slack = new Float64Array(price.length);
  for (let k = 0; k < price.length; k++) {
    bounds += price[k] * compiled.bound[k];
    size += Math.abs(price[k] * compiled.bound[k]);
    slack[k] = compiled.bound[k] * weight - activity[k];
  }
  const losses = Math.max(0, best - chosen);
  const rounding = ROUNDING * (values.size / weight + size);
  return {
    allocation,
    bound: (values.value + losses) / weight + bounds + rounding,
    objective: values.objective / weight,
    losses,
    slack,
    norm,
  };
}

/** Sums of additions in float64 are off by less than this, relative to the magnitudes. */
const ROUNDING = 2 ** -36;

/** The jobs' queries in their order, rounded. */
async function* roundedCuts(
  { compiled, queries, runner, signal }: Scope,
  asked: Pick<RoundStrand, "terms" | "coefficients" | "temperature" | "norm">,
): AsyncGenerator<{ cut: Cut; sums: RoundSums }> {
  const { classes, rows } = compiled.terms;
  /** By strand: its deficit. */
  const strands: Float64Array[] = [];
  for await (const batch of queries.batches(signal)) {
    const cuts = batch.flatMap((part) => [...cutsOf(queries, part, classes)]);
    const { first, to } = cuts[cuts.length - 1];
    const last = first + to === queries.count ? cuts.pop() : undefined;
    const parts: Cut[][] = [];
    for (const cut of cuts) (parts[cut.place] ??= []).push(cut);
    while (strands.length < parts.length) strands.push(new Float64Array(rows));
    const found = await runner.run<"round">(
      parts.map((own, strand) => ({ kind: "round", ...asked, parts: own, deficit: strands[strand] })),
      { signal },
    );
    found.forEach(({ deficit }, strand) => (strands[strand] = deficit));
    const next = found.map(({ sums }) => sums.values());
    for (const cut of cuts) yield { cut, sums: next[cut.place].next().value! };
    if (last === undefined) continue;
    const deficit = new Float64Array(rows);
    for (const own of strands) addInto(deficit, own);
    const [{ sums }] = await runner.run<"round">([{ kind: "round", ...asked, parts: [last], deficit }], {
      signal,
    });
    yield { cut: last, sums: sums[0] };
  }
}

function normOf(
  { unit }: Compiled,
  { hessian, several }: Evaluation,
  weight: number,
  temperature: number,
): Float64Array {
  const rows = unit.length;
  return unit.map((u, k) => {
    const variance = hessian.length > 0 ? (hessian[k * rows + k] * temperature * weight) / several : 0;
    return variance > 1e-12 * u * u ? Math.min(Math.sqrt(variance), u) : u;
  });
}
