import loadGlpk from "glpk.js/node";
import { costScale, type Answer, type Peer, type Task } from "./peer.js";

/** GLPK through its JSON model; presolver on, the rest defaults. */
function glpk(isWhole: boolean): Peer["load"] {
  return async () => {
    const solver = await loadGlpk();
    return (task: Task): Answer => {
      const { queries, models, cost, successProbability } = task;
      const names = Array.from(cost, (_, i) => `x${i}`);
      const scale = costScale(task);
      const onePerQuery = Array.from({ length: queries }, (_, q) => ({
        name: `q${q}`,
        vars: names.slice(q * models, (q + 1) * models).map((name) => ({ name, coef: 1 })),
        bnds: { type: solver.GLP_FX, lb: 1, ub: 1 },
      }));
      const withinBudget = {
        name: "budget",
        vars: names.map((name, i) => ({ name, coef: cost[i] * scale })),
        bnds: { type: solver.GLP_UP, lb: 0, ub: queries },
      };
      const { result } = solver.solve(
        {
          name: "knapsack",
          objective: {
            direction: solver.GLP_MAX,
            name: "accuracy",
            vars: names.map((name, i) => ({ name, coef: successProbability[i] })),
          },
          subjectTo: [...onePerQuery, withinBudget],
          binaries: isWhole ? names : undefined,
        },
        { msglev: solver.GLP_MSG_OFF, presol: true },
      );
      if (result.status !== solver.GLP_OPT) throw new Error(`stopped with status ${result.status}`);
      return { kind: "shares", share: Float64Array.from(names, (name) => result.vars[name]) };
    };
  };
}

export const glpkMip: Peer = {
  name: "glpk.js 5.0.0, MIP",
  answers: "integer",
  tolerance: 0,
  load: glpk(true),
};

export const glpkLp: Peer = {
  name: "glpk.js 5.0.0, LP",
  answers: "relaxed",
  tolerance: 0,
  load: glpk(false),
};
