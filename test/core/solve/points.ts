import fc from "fast-check";
import type { Point } from "../../oracle.js";

export const points = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 20 }), accuracy: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 1, maxLength: 40 },
);
export const costs = (set: readonly Point[]) => Float64Array.from(set, (p) => p.cost);
export const coordinates = (set: readonly Point[]) => ({ cost: costs(set), accuracy: accuracies(set) });
/** Points in the order in which sweeps meet them. */
export const inOrder = (set: readonly Point[]) =>
  set
    .map((_, i) => i)
    .sort((i, j) => set[i].cost - set[j].cost || set[j].accuracy - set[i].accuracy || i - j);
/** Random points along which accuracy rises with cost, of any sizes and spacings. */
export const chains = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((pairs) => {
    const accuracy = pairs.map(([, a]) => a).sort((a, b) => a - b);
    const cost = pairs.map(([c]) => c).sort((a, b) => a - b);
    return cost.map((c, i) => ({ cost: c, accuracy: accuracy[i] }));
  });
export const accuracies = (set: readonly Point[]) => Float64Array.from(set, (p) => p.accuracy);
