import highsModule from "highs";
import { costScale, type Answer, type Peer, type Task } from "./peer.js";

// The package's types are those of its CommonJS build; the ES module's default export is the loader itself.
const highsLoader = highsModule as unknown as typeof highsModule.default;

/** HiGHS through its typed-array interface, which spares it the parsing of an LP file; defaults otherwise. */
function highs(isWhole: boolean): Peer["load"] {
  return async () => {
    const solver = await highsLoader();
    const { objectiveSense, variableType, modelStatus } = solver.constants;
    return (task: Task): Answer => {
      const { queries, models, cost, successProbability } = task;
      const options = queries * models;
      const scale = costScale(task);
      // By rows: one a query, all its options sum to 1; the budget is the last.
      const starts = Int32Array.from({ length: queries + 2 }, (_, q) =>
        q <= queries ? q * models : 2 * options,
      );
      const values = new Float64Array(2 * options).fill(1, 0, options);
      for (let i = 0; i < options; i++) values[options + i] = cost[i] * scale;
      const data = {
        numCols: options,
        numRows: queries + 1,
        sense: objectiveSense.maximize,
        colCost: Float64Array.from(successProbability),
        colLower: new Float64Array(options),
        colUpper: new Float64Array(options).fill(1),
        rowLower: new Float64Array(queries + 1).fill(1).fill(-solver.infinity, queries),
        rowUpper: new Float64Array(queries + 1).fill(1).fill(queries, queries),
        matrix: {
          format: "csr" as const,
          numRows: queries + 1,
          numCols: options,
          starts,
          indices: Int32Array.from({ length: 2 * options }, (_, k) => k % options),
          values,
        },
        integrality: isWhole ? new Int32Array(options).fill(variableType.integer) : undefined,
      };
      return solver.withModel((model): Answer => {
        model.options.set("output_flag", false);
        model.passModel(data);
        model.run();
        const status = model.getModelStatus();
        if (status !== modelStatus.optimal) throw new Error(`stopped with model status ${status}`);
        return { kind: "shares", share: model.getSolution().colValue };
      });
    };
  };
}

export const highsMip: Peer = {
  name: "HiGHS 1.15.3, MIP",
  answers: "integer",
  tolerance: 1e-4,
  load: highs(true),
};

export const highsLp: Peer = {
  name: "HiGHS 1.15.3, LP",
  answers: "relaxed",
  tolerance: 0,
  load: highs(false),
};
