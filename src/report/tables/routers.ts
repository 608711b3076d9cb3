import type { Cell, TableData } from "../data.js";
import type { Backtest } from "../../backtest/backtestTypes.js";
import type { RouterMetrics } from "../../backtest/routerMetrics.js";
import { rounded } from "../rounded.js";
import { ROUTERS, ROUTER_FIGURES } from "../words.js";

/** The front and other routers: means over the repeats. */
export function routersTable({ mean: { metrics, comparators, bestSingle } }: Backtest): TableData {
  return {
    heading: "Comparison with other routers",
    text: `Means over the repeats, recorded. ${ROUTER_FIGURES}`,
    columns: [
      { title: "router", unit: "text" },
      { title: "cost", unit: "dollars" },
      { title: "accuracy", unit: "percent" },
      { title: "AIQ", unit: "number" },
      { title: "AIQ, repository", unit: "number" },
      { title: "PerfGain", unit: "percent" },
      { title: "CostSave", unit: "percent" },
      { title: "hypervolume", unit: "number" },
      { title: "IGD", unit: "number" },
    ],
    rows: [
      curveRow(ROUTERS.front, metrics.front),
      curveRow(ROUTERS.optllm, metrics.optllm),
      curveRow(ROUTERS.zeroRouter, metrics.zeroRouter),
      curveRow(ROUTERS.oracle, metrics.oracle),
      pointRow(ROUTERS.alwaysCheapest, comparators.alwaysCheapest),
      pointRow(ROUTERS.alwaysBest, comparators.alwaysBest),
      pointRow(ROUTERS.randomMix, comparators.randomMix),
      pointRow(ROUTERS.bestSingle, bestSingle),
    ],
  };
}

/** A router with a range of costs. */
function curveRow(name: string, router: RouterMetrics): Cell[] {
  const { aiq, aiqRepo, perfGain, costSave, hypervolume, igdNormalised } = router;
  const figures = [aiq, aiqRepo, perfGain, costSave, hypervolume, igdNormalised];
  return [name, null, null, ...figures.map((figure) => (figure === null ? null : rounded(figure)))];
}

/** A router with one cost. */
function pointRow(name: string, { cost, accuracy }: { cost: number; accuracy: number }): Cell[] {
  return [name, cost, accuracy, ...Array<null>(6).fill(null)];
}
