import { describe, expect, it } from "vitest";
import { savePredictor } from "../../src/predict/saved.js";
import { forgeOften, toyPredictor, withCosts } from "./forging.js";

describe("a saved predictor", () => {
  it.each(["auto", "trees", "knn", "logistic", "costs"] as const)(
    "never crashes, hangs or reads past its arrays when it was forged (%s)",
    async (kind) => {
      const predictor = await (kind === "costs" ? withCosts() : toyPredictor(kind));
      expect(await forgeOften(savePredictor(predictor), 60)).toBeGreaterThan(5);
    },
  );
});
