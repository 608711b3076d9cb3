import highsModule, { type Highs } from "highs";
import { compile, understand } from "../../../src/solve/constraints/compile.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Problem } from "../../../src/types.js";

// The package's types are those of its CommonJS build; the ES module's default export is the loader itself.
const load = highsModule as unknown as typeof highsModule.default;
export const loadHighs = (): Promise<Highs> => load();

/**
 * The optimum of the linear relaxation, or of whole queries: the highest expected accuracy under the constraints and a budget;
 * "infeasible", or undefined where HiGHS gives no verdict.
 */
export async function solveByHighs(
  highs: Highs,
  problem: Problem,
  constraints: readonly Constraint[],
  budget: number,
  isWhole = false,
): Promise<number | "infeasible" | undefined> {
  const understood = await understand(problem, constraints);
  const { weight, classes } = understood;
  const { view, count: queries } = understood.queries;
  const { rows } = compile(understood, { gain: 1, cost: 0 }, undefined);
  const models = problem.models.length;
  const name = (q: number, m: number): string => `x${q}_${m}`;
  const column = (j: number, q: number, m: number): number =>
    j === 0
      ? 1
      : j === 1
        ? problem.successProbability[q * models + m]
        : j === 2
          ? problem.cost[q * models + m]
          : view!.columns[j - 3][q * models + m];
  const may = (q: number, m: number): boolean => problem.cost[q * models + m] < Infinity;
  const options = Array.from(
    { length: queries * models },
    (_, o) => [Math.floor(o / models), o % models] as const,
  ).filter(([q, m]) => may(q, m));
  const sum = (of: (q: number, m: number) => number): string =>
    options
      .flatMap(([q, m]) => {
        const c = of(q, m);
        return c === 0 ? [] : [`${c < 0 ? "-" : "+"} ${Math.abs(c)} ${name(q, m)}`];
      })
      .join("\n ");
  const limits = rows.flatMap(({ terms, bound, constraint }, k) => {
    const left = sum((q, m) =>
      constraint >= 0 && !classes[view!.classes[q]].includes(constraint)
        ? 0
        : terms.reduce((all, term) => all + term.factor[m] * column(term.column, q, m), 0),
    );
    return left === "" ? [] : [` r${k}: ${left} <= ${bound}`];
  });
  if (budget < Infinity) limits.push(` budget: ${sum((q, m) => problem.cost[q * models + m])} <= ${budget}`);
  const choices = Array.from(
    { length: queries },
    (_, q) =>
      ` q${q}: ${options
        .filter(([other]) => other === q)
        .map(([, m]) => name(q, m))
        .join(" + ")} = 1`,
  );
  const names = options.map(([q, m]) => name(q, m)).join("\n ");
  const text = `Maximize\n obj: ${sum((q, m) => problem.successProbability[q * models + m])}\nSubject To\n${limits.join("\n")}\n${choices.join("\n")}\n${isWhole ? `Binary\n ${names}\n` : ""}End\n`;
  const solution = highs.solve(text, {
    mip_rel_gap: 0,
    primal_feasibility_tolerance: 1e-9,
    dual_feasibility_tolerance: 1e-9,
  });
  if (solution.Status === "Infeasible") return "infeasible";
  return solution.Status === "Optimal" ? solution.ObjectiveValue / weight : undefined;
}

export type { Highs };
