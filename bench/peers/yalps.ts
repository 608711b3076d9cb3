import { solve } from "yalps";
import { costScale, type Answer, type Peer, type Task } from "./peer.js";

/** YALPS; whole numbers between 0 and 1 follow from the rows, which spares it one row a variable. */
function yalps(isWhole: boolean): Peer["load"] {
  return async () => (task: Task) => {
    const { queries, models, cost, successProbability } = task;
    const scale = costScale(task);
    const constraints = new Map<number, { equal: number } | { max: number }>([[-1, { max: queries }]]);
    for (let q = 0; q < queries; q++) constraints.set(q, { equal: 1 });
    const variables = Array.from(
      cost,
      (c, i) =>
        [
          i,
          [
            [-2, successProbability[i]],
            [-1, c * scale],
            [Math.floor(i / models), 1],
          ],
        ] as [number, [number, number][]],
    );
    const solution = solve<number, number>(
      { direction: "maximize", objective: -2, constraints, variables, integers: isWhole },
      { maxPivots: Infinity, maxIterations: Infinity },
    );
    if (solution.status !== "optimal") throw new Error(`stopped with status ${solution.status}`);
    const share = new Float64Array(cost.length);
    for (const [i, value] of solution.variables) share[i] = value;
    return { kind: "shares", share } satisfies Answer;
  };
}

/** A dense tableau of float64: two rows for each equation, one column a variable. */
const memoryBytes = (queries: number, models: number): number =>
  8 * (2 * queries + 2) * (queries * models + 1);

export const yalpsMip: Peer = {
  name: "YALPS 0.6.4, MIP",
  answers: "integer",
  tolerance: 0,
  memoryBytes,
  load: yalps(true),
};

export const yalpsLp: Peer = {
  name: "YALPS 0.6.4, LP",
  answers: "relaxed",
  tolerance: 0,
  memoryBytes,
  load: yalps(false),
};
