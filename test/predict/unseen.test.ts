import { expect, it } from "vitest";
import { Featuriser } from "../../src/predict/features/featuriser.js";
import { DocumentFrequencies } from "../../src/predict/features/tfidf.js";
import { unseenOf } from "../../src/predict/unseen.js";

const texts = [
  "Translate good morning into French",
  "Translate good evening into German",
  "What is the integral of x squared?",
  "What is the derivative of x squared?",
];

it("knows the n-grams of the texts that it was fitted to, and expects what they hold in common", async () => {
  const unseen = unseenOf((await Featuriser.fit(texts, [])).state);
  const frequencies = new DocumentFrequencies();
  frequencies.add(texts);
  let [single, all] = [0, 0];
  for (const holders of frequencies.holders) {
    all += holders;
    if (holders === 1) single++;
  }
  expect(unseen.expected).toBeCloseTo(single / all, 12);
  for (const text of texts) expect(unseen.share(text)).toBe(0);
  const near = unseen.share("Translate good night into Italian");
  const far = unseen.share("ハイク を かいて ください");
  expect(near).toBeGreaterThan(0);
  expect(near).toBeLessThan(0.6);
  expect(far).toBeGreaterThan(0.8);
  expect(unseen.share("")).toBeNaN();
});
