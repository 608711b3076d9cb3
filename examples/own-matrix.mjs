// Solve your own matrix: you know each model's cost and chance of success, and want the best plan for a budget.
import { choose, solveFront } from "optllm";

const problem = {
  models: ["small", "medium", "large"],
  ids: ["translate", "classify", "invoice", "route"],
  // One row per query, one column per model.
  cost: Float32Array.of(
    ...[0.001, 0.004, 0.02], // dollars
    ...[0.001, 0.004, 0.02],
    ...[0.002, 0.008, 0.04],
    ...[0.004, 0.016, 0.08],
  ),
  successProbability: Float32Array.of(
    ...[0.96, 0.96, 0.97],
    ...[0.9, 0.95, 0.95],
    ...[0.2, 0.85, 0.95],
    ...[0.05, 0.3, 0.9],
  ),
};

const front = await solveFront(problem);
console.log(`from $${front.totalCost[0].toFixed(3)} to $${front.totalCost.at(-1).toFixed(3)}`);

const choice = await choose(front, { budget: 0.1 });
if (choice.status === "infeasible") {
  console.log(`the cheapest plan costs $${choice.closest.totalCost.toFixed(3)}`);
} else {
  choice.allocation.forEach((m, q) => console.log(`${problem.ids[q]}: ${problem.models[m]}`));
  console.log(`$${choice.totalCost.toFixed(3)}, accuracy ${(100 * choice.expectedAccuracy).toFixed(1)} %`);
  console.log(choice.optimal ? "proven optimal" : `at most ${choice.gap} below the optimum`);
}

// Prints:
//   from $0.008 to $0.144
//   translate: small
//   classify: medium
//   invoice: medium
//   route: large
//   $0.093, accuracy 91.5 %
//   proven optimal
