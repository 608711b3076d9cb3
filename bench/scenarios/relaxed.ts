import type { Scenario } from "./scenario.js";

/** Of peers alone: our bound comes with the choice. */
export const relaxed: Scenario = {
  key: "relaxed",
  title:
    "bound of one budget: from matrices to the value of the linear relaxation, which OptLLM gives with the choice",
};
