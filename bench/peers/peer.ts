/** The multiple-choice knapsack that every peer gets: the library's own problem, and for a budget its dollars. */
export interface Task {
  queries: number;
  models: number;
  /** Dollars, queries × models. */
  cost: Float32Array;
  /** 0 … 1, queries × models. */
  successProbability: Float32Array;
  /** Dollars. */
  budget: number;
}

/** What a peer found: for a budget how much of each option it takes, for a front its points by rising cost. */
export type Answer =
  { kind: "shares"; share: Float64Array } | { kind: "front"; cost: Float64Array; accuracy: Float64Array };

export interface Peer {
  /** As the table prints it. */
  name: string;
  /** `integer`: one model a query; `relaxed`: parts of models, the linear relaxation; `front`: all of it. */
  answers: "integer" | "relaxed" | "front";
  /** Relative distance from the optimum at which the solver may stop, by its own defaults. */
  tolerance: number;
  /** Bytes that it is known to need, where that decides which sizes are tried. */
  memoryBytes?: (queries: number, models: number) => number;
  /** Loads the solver, which is not timed; what it returns is timed from the matrices to the answer. */
  load(): Promise<(task: Task) => Answer>;
}

/**
 * Dollars are scaled so that the budget becomes the number of queries: solvers have absolute tolerances, which
 * suit coefficients near 1.
 */
export function costScale({ queries, budget }: Task): number {
  return queries / budget;
}
