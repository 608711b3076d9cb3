// What if prices change? Learn once, then compare plans: as it is, one model at half price, one model gone.
import { fileURLToPath } from "node:url";
import { fitPredictor, planAllocation, readDataset } from "optllm";

const data = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));
const labelled = await readDataset(data("labelled.csv"));
const work = await readDataset(data("work.jsonl"), { blankCosts: true }); // ids and texts; costs are predicted

const target = { accuracy: 0.8 };
const predictor = await fitPredictor(labelled, work.queries, { predictor: "knn" }); // learned once, used for every plan
const planWith = (changes) => planAllocation(work, predictor, target, { changes });

report("today", await planWith({}));
report("large at half price", await planWith({ scaleCost: [["large", 0.5]] }));
report("medium is gone", await planWith({ without: ["medium"] }));

function report(name, { choice }) {
  if (choice.status === "infeasible") return console.log(`${name}: 80 % cannot be reached`);
  const shares = Object.entries(choice.shares).map(
    ([model, share]) => `${model} ${(100 * share).toFixed(0)} %`,
  );
  console.log(`${name}: $${choice.totalCost.toFixed(3)} (${shares.join(", ")})`);
}

// Prints:
//   today: $0.115 (small 38 %, medium 42 %, large 20 %)
//   large at half price: $0.067 (small 41 %, medium 35 %, large 24 %)
//   medium is gone: $0.144 (small 46 %, large 54 %)
