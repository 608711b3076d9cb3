import { createHash } from "node:crypto";
import { expect } from "vitest";
import { InputError } from "../../src/errors.js";
import { loadPredictor } from "../../src/predict/saved.js";
import { addCosts } from "../../src/predict/cost/addCosts.js";
import { fitCosts, predictCosts } from "../../src/predict/cost/cost.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { trainPredictor, type PredictorChoice } from "../../src/predict/train.js";
import { Random } from "../../src/random.js";
import { toySample } from "./toy.js";

export const sample = toySample(50);
export const probes = [
  "sum the numbers of the river",
  "write a verse about a tiger",
  "",
  "nothing of the kind",
];

/** The same bytes with something changed and the checksum made right again: what a hostile hand would do. */
function forge(bytes: Uint8Array, change: (body: Buffer) => Buffer | void): Uint8Array {
  const body = Buffer.from(bytes.subarray(0, bytes.length - 32));
  const changed = change(body) ?? body;
  return Buffer.concat([changed, createHash("sha256").update(changed).digest()]);
}

/** The same with other text in its header. */
export function forgeHeader(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  return forge(bytes, (body) => {
    const length = body.readUInt32LE(8);
    const arrays = body.subarray(16 + Math.ceil(length / 8) * 8);
    const header = Buffer.from(change(body.subarray(16, 16 + length).toString()));
    const head = Buffer.alloc(16 + Math.ceil(header.length / 8) * 8);
    body.copy(head, 0, 0, 16);
    head.writeUInt32LE(header.length, 8);
    header.copy(head, 16);
    return Buffer.concat([head, arrays]);
  });
}

const trained = new Map<string, Promise<Predictor>>();

/** A predictor of the sample with two replicates, made once: nothing that is done here changes it. */
export function toyPredictor(kind: PredictorChoice): Promise<Predictor> {
  const known = trained.get(kind) ?? trainPredictor(sample, { kind, replicates: 2, alpha: 0.5 });
  trained.set(kind, known);
  return known;
}

let costed: Promise<Predictor> | undefined;

/** Costs that grow with the text, and with what it says: a ridge on text features tells them best. */
async function makeCosts(): Promise<Predictor> {
  const { models, queries } = toySample(200, 3);
  const cost = Float32Array.from(
    { length: queries.length * models.length },
    (_, i) =>
      (1e-4 + 1e-5 * queries[Math.floor(i / models.length)].length) *
      (/sum/.test(queries[Math.floor(i / models.length)]) ? 9 : 1),
  );
  const rates = await trainPredictor(sample, { kind: "base-rate" });
  return addCosts(rates, await fitCosts({ models, queries, cost }));
}
export const withCosts = (): Promise<Predictor> => (costed ??= makeCosts());

/**
 * Forges a file again and again, in its header and everywhere: places that lead outside, sizes that do not fit, odd numbers.
 * Each is refused or predicts; how many were refused.
 */
export async function forgeOften(bytes: Uint8Array, runs: number): Promise<number> {
  const random = new Random(5);
  let refused = 0;
  for (let k = 0; k < runs; k++) {
    // Small changes in the header and everywhere: places that lead outside, sizes that do not fit, odd numbers.
    const forged =
      k % 2 === 0
        ? forge(
            bytes,
            (body) => void body.writeUInt32LE(random.uint32(), 16 + random.below(body.length - 20)),
          )
        : forgeHeader(bytes, (header) => {
            const numbers = [...header.matchAll(/\d+/g)];
            const { index, 0: text } = numbers[random.below(numbers.length)];
            return header.slice(0, index) + random.below(100_000) + header.slice(index + text.length);
          });
    try {
      const loaded = loadPredictor(forged);
      const p = await loaded.predict(probes);
      expect(p.length % probes.length).toBe(0);
      for (const part of loaded.costs) {
        const dollars = await predictCosts(part, probes);
        expect(dollars.every((x) => x > 0 && x < Infinity)).toBe(true);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      refused++;
    }
  }
  return refused;
}
