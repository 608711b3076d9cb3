import { together, type Calibration } from "./calibration.js";
import type { Examples } from "../methods/examples.js";
import type { MethodKind, Setting } from "../methods/method.js";
import { methodOf, scoreOnce } from "../methods/methods.js";
import { Random } from "../../random.js";

/** What is refitted to each resample. */
export interface Resampled {
  examples: Examples;
  members: readonly { kind: MethodKind; setting: Setting }[];
  calibration?: Calibration;
  seed: number;
}

export interface Replicate {
  /** One fit per member. */
  learned: unknown[];
  /** The share of labels outside the resample that the members together get right, at ½; 0.5 when there are none. */
  weight: number;
}

/** Independent of the other draws of a seed. */
const STREAM = 1 << 20;

/**
 * Makes replicates one after another: as many rows as the sample has are sampled with replacement, and the members are
 * fitted to them. Replicate `b` depends on the sample, the seed and `b` alone, whichever thread makes it.
 */
export function replicator({ examples, members, calibration, seed }: Resampled): (b: number) => Replicate {
  const methods = members.map(({ kind }) => methodOf(kind));
  const prepared = methods.map((method) => method.prepare(examples.features, examples.models));
  const settings = members.map(({ setting }, k) => methods[k].lighter?.(setting) ?? setting);
  return (b) => {
    const weight = resample(examples.weight.length, new Random(seed, STREAM + b));
    const others = { ...examples, weight };
    const learned = methods.map((method, k) => method.fit(others, prepared[k], settings[k], seed + b));
    const scored = methods.map((method, k) => {
      const out = new Float32Array(examples.outcome.length);
      if (method.onExamples === undefined) scoreOnce(method, learned[k], examples.features, out);
      else method.onExamples(learned[k], out);
      return out;
    });
    const probability = together(calibration, scored);
    // A method that knows its own rows keeps extra data with a fit as long as the fit lives: a copy is stored, without
    // that data.
    const kept = learned.map((one, k) =>
      methods[k].onExamples === undefined ? one : { ...(one as object) },
    );
    return { learned: kept, weight: rightOutside(probability, others) };
  };
}

function resample(rows: number, random: Random): Float64Array {
  const count = new Float64Array(rows);
  for (let k = 0; k < rows; k++) count[random.below(rows)]++;
  return count;
}

/** Label-wise accuracy on the rows that were not sampled, whose labels the replicate has not seen. */
function rightOutside(probability: Float32Array, { outcome, weight, models }: Examples): number {
  let right = 0;
  let labels = 0;
  outcome.forEach((y, i) => {
    if (weight[Math.floor(i / models)] > 0 || Number.isNaN(y)) return;
    if (probability[i] >= 0.5 === y >= 0.5) right++;
    labels++;
  });
  return labels === 0 ? 0.5 : right / labels;
}
