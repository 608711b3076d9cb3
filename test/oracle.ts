// Slow, obvious twins of the kernels, written from the definitions.

export interface Small {
  models: number;
  cost: ArrayLike<number>;
  successProbability: ArrayLike<number>;
  /** For each query; default 1. */
  weight?: ArrayLike<number>;
}

export interface Point {
  cost: number;
  accuracy: number;
}

export interface OracleStep {
  query: number;
  from: number;
  to: number;
  dCost: number;
  dGain: number;
  efficiency: number;
}

/** Compares two slopes a/b and c/d of exactly representable numbers without dividing. */
function compareSlopes(a: number, b: number, c: number, d: number): number {
  return a * d - c * b;
}

/** The upper-left hull of one query as model indices, from the cheapest to the most probable. */
export function hullOf(cost: readonly number[], probability: readonly number[]): number[] {
  const order = cost
    .map((_, m) => m)
    .filter((m) => cost[m] < Infinity)
    .sort((i, j) => cost[i] - cost[j] || probability[j] - probability[i] || i - j);
  const hull: number[] = [];
  for (const m of order) {
    if (hull.length > 0 && probability[m] <= probability[hull[hull.length - 1]]) continue;
    while (hull.length >= 2) {
      const [a, b] = hull.slice(-2);
      const turn = compareSlopes(
        probability[b] - probability[a],
        cost[b] - cost[a],
        probability[m] - probability[a],
        cost[m] - cost[a],
      );
      if (turn > 0) break;
      hull.pop();
    }
    hull.push(m);
  }
  return hull;
}

/** Of all queries. */
export function totalWeight({ models, cost, weight }: Small): number {
  return weight === undefined ? cost.length / models : Array.from(weight).reduce((sum, w) => sum + w, 0);
}

export function rows(problem: Small): { cost: number[]; probability: number[] }[] {
  const { models, cost, successProbability } = problem;
  const queries = cost.length / models;
  return Array.from({ length: queries }, (_, q) => ({
    cost: Array.from({ length: models }, (_, m) => cost[q * models + m]),
    probability: Array.from({ length: models }, (_, m) => successProbability[q * models + m]),
  }));
}

/** All increments by falling efficiency, then query. */
export function stepsOf(problem: Small): OracleStep[] {
  const steps = rows(problem).flatMap(({ cost, probability }, query) => {
    const hull = hullOf(cost, probability);
    return hull.slice(1).map((to, k) => {
      const from = hull[k];
      const dCost = cost[to] - cost[from];
      const dGain = probability[to] - probability[from];
      const w = problem.weight?.[query] ?? 1;
      return { query, from, to, dCost: w * dCost, dGain: w * dGain, efficiency: dGain / dCost };
    });
  });
  return steps.sort((a, b) => b.efficiency - a.efficiency || a.query - b.query);
}

export function cheapest(problem: Small): number[] {
  return rows(problem).map(({ cost, probability }) => hullOf(cost, probability)[0]);
}

/** The allocation that takes every increment of at least this efficiency. */
export function allocationAt(problem: Small, lambda: number): number[] {
  const allocation = cheapest(problem);
  for (const step of stepsOf(problem)) if (step.efficiency >= lambda) allocation[step.query] = step.to;
  return allocation;
}

/** Each query's model of largest probability − λ·cost in float64; ties: the more probable, the cheaper, the lower index. */
export function bestAtPrice({ models, cost, successProbability }: Small, lambda: number): number[] {
  return Array.from({ length: cost.length / models }, (_, q) => {
    const at = q * models;
    const value = (m: number) => successProbability[at + m] - lambda * cost[at + m];
    // Sorting is stable.
    const [best] = Array.from({ length: models }, (_, m) => m)
      .filter((m) => cost[at + m] < Infinity)
      .sort(
        (a, b) =>
          value(b) - value(a) ||
          successProbability[at + b] - successProbability[at + a] ||
          cost[at + a] - cost[at + b],
      );
    return best;
  });
}

export function evaluateSlowly(problem: Small, allocation: ArrayLike<number>): Point {
  let cost = 0;
  let gain = 0;
  for (let q = 0; q < allocation.length; q++) {
    const w = problem.weight?.[q] ?? 1;
    cost += w * problem.cost[q * problem.models + allocation[q]];
    gain += w * problem.successProbability[q * problem.models + allocation[q]];
  }
  return { cost, accuracy: gain / totalWeight(problem) };
}

/** Strict vertices of the supported front. */
export function supportedFront(problem: Small): Point[] {
  const allocation = cheapest(problem);
  const points = [evaluateSlowly(problem, allocation)];
  let last = Infinity;
  for (const step of stepsOf(problem)) {
    allocation[step.query] = step.to;
    const point = evaluateSlowly(problem, allocation);
    if (step.efficiency === last) points.pop();
    points.push(point);
    last = step.efficiency;
  }
  return points;
}

/** Every allocation's point; models^queries of them. */
export function enumerate(problem: Small): Point[] {
  let points: { cost: number; gain: number }[] = [{ cost: 0, gain: 0 }];
  rows(problem).forEach(({ cost, probability }, query) => {
    const w = problem.weight?.[query] ?? 1;
    points = points.flatMap((point) =>
      cost.flatMap((c, m) =>
        c < Infinity ? [{ cost: point.cost + w * c, gain: point.gain + w * probability[m] }] : [],
      ),
    );
  });
  return points.map(({ cost, gain }) => ({ cost, accuracy: gain / totalWeight(problem) }));
}

export function dominates(a: Point, b: Point): boolean {
  return a.cost <= b.cost && a.accuracy >= b.accuracy && (a.cost < b.cost || a.accuracy > b.accuracy);
}

export function nondominatedSlowly(points: readonly Point[]): Point[] {
  return points.filter(
    (p, i) =>
      !points.some(
        (other, j) =>
          dominates(other, p) || (j < i && other.cost === p.cost && other.accuracy === p.accuracy),
      ),
  );
}

/** Area by summing slabs between all distinct costs. */
export function hypervolumeSlowly(points: readonly Point[], reference: Point): number {
  const inside = points.filter((p) => p.cost < reference.cost && p.accuracy > reference.accuracy);
  const edges = [...new Set(inside.map((p) => p.cost)), reference.cost].sort((a, b) => a - b);
  let area = 0;
  for (let k = 0; k + 1 < edges.length; k++) {
    const best = Math.max(...inside.filter((p) => p.cost <= edges[k]).map((p) => p.accuracy));
    area += (edges[k + 1] - edges[k]) * (best - reference.accuracy);
  }
  return area;
}

export function igdSlowly(points: readonly Point[], reference: readonly Point[]): number {
  const distances = reference.map((r) =>
    Math.min(...points.map((p) => Math.hypot(p.cost - r.cost, p.accuracy - r.accuracy))),
  );
  return distances.reduce((sum, d) => sum + d, 0) / distances.length;
}

/** Where one destroy and rebuild of OptLLM-M ends. */
export interface SweepState {
  allocation: number[];
  /** The least loss per dollar saved of any downgrade; ∞ when there is none. */
  price: number;
  /** Upgrades and downgrades of this very efficiency are both left: no price names the allocation. */
  isSplit: boolean;
}

/** The published loop of OptLLM-M, over all alternatives of all queries, from one end. */
export function sweepSlowly(problem: Small, gridNumber: number, direction: "up" | "down"): SweepState[] {
  const table = rows(problem);
  const delta = (q: number, from: number, to: number) => ({
    cost: table[q].cost[to] - table[q].cost[from],
    gain: table[q].probability[to] - table[q].probability[from],
  });
  const alternatives = (q: number, from: number) =>
    table[q].cost
      .map((cost, to) => ({ to, cost }))
      .filter(({ to, cost }) => to !== from && cost < Infinity)
      .map(({ to }) => ({ q, to, ...delta(q, from, to) }));

  const cheapestOf = table.map(({ cost, probability }) => firstBy(cost, (m) => [cost[m], -probability[m]]));
  const dearestOf = table.map(({ cost, probability }) => firstBy(cost, (m) => [-probability[m], cost[m]]));
  const weight = (q: number) => problem.weight?.[q] ?? 1;
  const sum = (key: "cost" | "gain") =>
    table.reduce((total, _, q) => total + weight(q) * delta(q, cheapestOf[q], dearestOf[q])[key], 0);
  const gap = (direction === "up" ? sum("gain") : sum("cost")) / gridNumber;

  const allocation = direction === "up" ? cheapestOf : dearestOf;
  const states: SweepState[] = [];
  for (let k = 1; k < gridNumber; k++) {
    // Destroy: the alternative of largest gain, or of largest saving; the largest of them first.
    const value = ({ q, gain, cost }: { q: number; gain: number; cost: number }) =>
      weight(q) * (direction === "up" ? gain : -cost);
    const moves = allocation
      .flatMap((from, q) => {
        const useful = alternatives(q, from).filter((move) => value(move) > 0);
        return useful.sort((a, b) => value(b) - value(a) || a.to - b.to).slice(0, 1);
      })
      .sort((a, b) => value(b) - value(a) || a.q - b.q);
    if (moves.length === 0 || moves.reduce((total, move) => total + value(move), 0) < gap) break;
    let reached = 0;
    for (const move of moves) {
      if (reached >= gap) break;
      allocation[move.q] = move.to;
      reached += value(move);
    }
    states.push(rebuildSlowly(allocation, alternatives));
  }
  return states;
}

function rebuildSlowly(
  allocation: number[],
  alternatives: (q: number, from: number) => { q: number; to: number; cost: number; gain: number }[],
): SweepState {
  const clear = () => {
    for (let q = 0; q < allocation.length; q++) {
      const better = () =>
        alternatives(q, allocation[q]).find(
          ({ cost, gain }) => cost <= 0 && gain >= 0 && (cost < 0 || gain > 0),
        );
      for (let move = better(); move !== undefined; move = better()) allocation[q] = move.to;
    }
  };
  clear();
  for (;;) {
    const moves = allocation.flatMap((from, q) => alternatives(q, from));
    const upgrades = moves.filter(({ cost, gain }) => cost > 0 && gain > 0);
    const downgrades = moves.filter(({ cost, gain }) => cost < 0 && gain < 0);
    const ratio = ({ cost, gain }: { cost: number; gain: number }) => gain / cost;
    const best = Math.max(...upgrades.map(ratio));
    const worst = Math.min(...downgrades.map(ratio));
    if (!(best > worst)) return { allocation: [...allocation], price: worst, isSplit: best === worst };
    // Of one query's equal ratios the farthest is taken: the last to be applied.
    const apply = (list: typeof moves) =>
      list.sort((a, b) => Math.abs(a.cost) - Math.abs(b.cost)).forEach(({ q, to }) => (allocation[q] = to));
    apply(upgrades.filter((move) => ratio(move) === best));
    apply(downgrades.filter((move) => ratio(move) === worst));
    clear();
  }
}

/** The first finite-cost model whose keys are smallest, one after another. */
function firstBy(cost: readonly number[], keys: (m: number) => number[]): number {
  const models = cost.map((_, m) => m).filter((m) => cost[m] < Infinity);
  return models.sort((i, j) => {
    const [a, b] = [keys(i), keys(j)];
    return a[0] - b[0] || a[1] - b[1] || i - j;
  })[0];
}

/** Ranks by taking the nondominated points away again and again. */
export function ranksSlowly(points: readonly Point[]): number[] {
  const rank = points.map(() => -1);
  for (let front = 0; rank.includes(-1); front++) {
    const left = points.flatMap((_, i) => (rank[i] === -1 ? [i] : []));
    const best = left.filter((i) => !left.some((j) => dominates(points[j], points[i])));
    best.forEach((i) => (rank[i] = front));
  }
  return rank;
}

export function igdPlusSlowly(points: readonly Point[], reference: readonly Point[]): number {
  const distances = reference.map((r) =>
    Math.min(
      ...points.map((p) => Math.hypot(Math.max(p.cost - r.cost, 0), Math.max(r.accuracy - p.accuracy, 0))),
    ),
  );
  return distances.reduce((sum, d) => sum + d, 0) / distances.length;
}

export function epsilonSlowly(points: readonly Point[], reference: readonly Point[]): number {
  return Math.max(
    ...reference.map((r) =>
      Math.min(...points.map((p) => Math.max(p.cost - r.cost, r.accuracy - p.accuracy))),
    ),
  );
}

export function spreadSlowly(points: readonly Point[], reference: readonly Point[]): number {
  const front = (set: readonly Point[]) => nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
  const [s, r] = [front(points), front(reference)];
  const between = (a: Point, b: Point) => Math.hypot(a.cost - b.cost, a.accuracy - b.accuracy);
  const first = between(s[0], r[0]);
  const last = between(s[s.length - 1], r[r.length - 1]);
  const d = s.slice(1).map((p, i) => between(s[i], p));
  const mean = d.length > 0 ? d.reduce((sum, x) => sum + x, 0) / d.length : 0;
  const uneven = d.reduce((sum, x) => sum + Math.abs(x - mean), 0);
  const whole = first + last + (s.length - 1) * mean;
  return whole > 0 ? (first + last + uneven) / whole : 0;
}

/** Every sum of a state and an option, the nondominated ones by rising cost. */
export function extendSlowly(states: readonly Point[], options: readonly Point[]): Point[] {
  const sums = states.flatMap((state) =>
    options.map(({ cost, accuracy }) => ({ cost: state.cost + cost, accuracy: state.accuracy + accuracy })),
  );
  return nondominatedSlowly(sums).sort((a, b) => a.cost - b.cost);
}
