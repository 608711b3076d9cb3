import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import { addCosts } from "../../src/predict/cost/addCosts.js";
import { fitCosts } from "../../src/predict/cost/cost.js";
import { predictCosts } from "../../src/predict/cost/predictCosts.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { fitSample, type PredictorChoice } from "../../src/predict/fit.js";
import { packArray } from "../../src/predict/packed/arrays.js";
import { Random } from "../../src/random.js";
import { toySample } from "./toy.js";
import { runs } from "../runs.js";

const sample = toySample(50);
const probes = ["sum the numbers of the river", "write a verse about a tiger", "", "nothing of the kind"];

/** The same bytes with something changed and the checksum made right again: what a hostile hand would do. */
function forge(bytes: Uint8Array, change: (body: Buffer) => Buffer | void): Uint8Array {
  const body = Buffer.from(bytes.subarray(0, bytes.length - 32));
  const changed = change(body) ?? body;
  return Buffer.concat([changed, createHash("sha256").update(changed).digest()]);
}

/** Where the arrays begin after a header of this many bytes. */
const arraysAt = (length: number): number => 16 + 8 * Math.ceil(length / 8);

/** The same with other text in its header. */
function forgeHeader(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  return forge(bytes, (body) => {
    const length = body.readUInt32LE(8);
    const arrays = body.subarray(arraysAt(length));
    const header = Buffer.from(change(body.subarray(16, 16 + length).toString()));
    const head = Buffer.alloc(arraysAt(header.length));
    body.copy(head, 0, 0, 16);
    head.writeUInt32LE(header.length, 8);
    header.copy(head, 16);
    return Buffer.concat([head, arrays]);
  });
}

/** The same with other bytes in its arrays, before they are deflated. */
function forgeArrays(bytes: Uint8Array, change: (arrays: Buffer) => void): Uint8Array {
  return forge(bytes, (body) => {
    const start = arraysAt(body.readUInt32LE(8));
    const arrays = inflateRawSync(body.subarray(start));
    change(arrays);
    return Buffer.concat([body.subarray(0, start), deflateRawSync(arrays)]);
  });
}

const trained = new Map<string, Promise<Predictor>>();

/** A predictor of the sample with two replicates, made once: nothing that is done here changes it. */
function toyPredictor(kind: PredictorChoice): Promise<Predictor> {
  const known = trained.get(kind) ?? fitSample(sample, { kind, replicates: 2, alpha: 0.5 });
  trained.set(kind, known);
  return known;
}

const plain = new Map<string, Promise<Uint8Array>>();

/** The bytes of a predictor of the sample without replicates, made once: they are copied before they are changed. */
function savedToy(kind: PredictorChoice): Promise<Uint8Array> {
  const known = plain.get(kind) ?? fitSample(sample, { kind }).then((predictor) => savePredictor(predictor));
  plain.set(kind, known);
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
  const rates = await fitSample(sample, { kind: "base-rate" });
  return addCosts(rates, await fitCosts({ models, queries, cost }));
}
const withCosts = (): Promise<Predictor> => (costed ??= makeCosts());

describe("a saved predictor", () => {
  it("keeps predicted costs", async () => {
    const predictor = await withCosts();
    expect(predictor.costs[0].fits.map((fit) => fit?.form)).toContain("ridge");
    const bytes = savePredictor(predictor);
    const again = loadPredictor(bytes);
    expect(again.costs.map(({ models }) => models)).toEqual([sample.models]);
    expect(await predictCosts(again.costs[0], probes)).toEqual(
      await predictCosts(predictor.costs[0], probes),
    );
    expect(Buffer.from(savePredictor(again)).equals(Buffer.from(bytes))).toBe(true);
  });

  it.each([
    ['"least":', '"least":-1,"x":'],
    ['"isCounted":false', '"isCounted":true'],
    ['"rate":', '"rate":-1,"x":'],
    ['"of":"cost"', '"of":"else"'],
    ['"form":"', '"form":"no'],
    ['"slope":', '"slope":null,"x":'],
    ['"coefficient":{"$array":', '"coefficient":{"$array":0,"x":'],
    ['"costs":{', '"costs":[],"y":{'],
  ])("is refused when its costs are forged: %s to %s", async (found, forged) => {
    const bytes = savePredictor(await withCosts());
    const changed = forgeHeader(bytes, (header) => {
      const at = header.indexOf(found, header.indexOf('"costs":'));
      expect(at).toBeGreaterThan(0);
      return header.slice(0, at) + forged + header.slice(at + found.length);
    });
    expect(() => loadPredictor(changed)).toThrow(InputError);
  });

  it.each(["auto", "base-rate", "logistic", "rank-one", "trees", "forest", "knn"] as const)(
    "predicts the same bytes when read again (%s)",
    async (kind) => {
      const predictor = await (kind === "forest" ? fitSample(sample, { kind }) : toyPredictor(kind));
      const bytes = savePredictor(predictor);
      const again = loadPredictor(bytes);
      expect(await again.predict(probes)).toEqual(await predictor.predict(probes));
      expect([again.kind, again.models, again.settings, again.candidates, again.notes]).toEqual([
        predictor.kind,
        predictor.models,
        predictor.settings,
        predictor.candidates,
        predictor.notes,
      ]);
      expect(Buffer.from(savePredictor(again)).equals(Buffer.from(bytes))).toBe(true);
    },
  );

  it("keeps how many labelled rows it rests on, or tells it from the labels of an older file", async () => {
    const bytes = savePredictor(await toyPredictor("base-rate"));
    expect(loadPredictor(bytes).labelledRows).toBe(50);
    const older = forgeHeader(bytes, (header) => header.replace(/"labelledRows":50,?/, ""));
    expect(older.length).toBeLessThan(bytes.length);
    expect(loadPredictor(older).labelledRows).toBe(50);
    const forged = forgeHeader(bytes, (header) => header.replace('"labelledRows":50', '"labelledRows":-5'));
    expect(() => loadPredictor(forged)).toThrow(InputError);
  });

  it("is refused if it is another file, damaged or truncated", async () => {
    const bytes = savePredictor(await toyPredictor("trees"));
    for (const other of [new Uint8Array(0), Buffer.from("hello"), new Uint8Array(1000)]) {
      expect(() => loadPredictor(other)).toThrow(/not a saved predictor/);
    }
    const random = new Random(1);
    for (let k = 0; k < 20; k++) {
      const damaged = bytes.slice();
      damaged[8 + random.below(bytes.length - 8)] ^= 1 << random.below(8);
      expect(() => loadPredictor(damaged)).toThrow(/damaged/);
    }
    expect(() => loadPredictor(bytes.subarray(0, bytes.length - 9))).toThrow(/damaged/);
  });

  it("of a newer format is refused with that reason", async () => {
    const bytes = await savedToy("base-rate");
    const newer = forgeHeader(bytes, (header) => header.replace('"format":5', '"format":6'));
    expect(() => loadPredictor(newer)).toThrow(/format 6, written by optllm .*update the package/);
  });

  it("of an older format asks for a new fit", async () => {
    const bytes = await savedToy("base-rate");
    const older = forgeHeader(bytes, (header) => header.replace('"format":5', '"format":4'));
    expect(() => loadPredictor(older)).toThrow(/format 4, which this version no longer reads: fit it again/);
  });

  it("is refused unless each member has a weight", async () => {
    const bytes = await savedToy("logistic");
    const weightless = forgeHeader(bytes, (header) => header.replace('"weight":', '"wait":'));
    expect(() => loadPredictor(weightless)).toThrow(/calibration cannot be used/);
  });

  it.each([
    ["postings", undefined],
    ["postings", { $array: 0 }],
    ["known", { of: 5 }],
    ["rows", undefined],
    ["rows", 3e8],
    ["rows", 1],
  ])(
    "is refused when the texts of a replicate differ from the earlier ones in: %s %s",
    async (key, value) => {
      const bytes = savePredictor(await toyPredictor("logistic"));
      const changed = forgeHeader(bytes, (text) => {
        const header = JSON.parse(text) as {
          state: { bootstrap: { members: { learned: Record<string, unknown>[] }[] } };
        };
        header.state.bootstrap.members[0].learned[1][key] = value;
        return JSON.stringify(header);
      });
      expect(() => loadPredictor(changed)).toThrow(InputError);
    },
  );

  it.each(["auto", "trees", "knn", "logistic", "costs"] as const)(
    "never crashes, hangs or reads past its arrays when it was forged (%s)",
    async (kind) => {
      const predictor = await (kind === "costs" ? withCosts() : toyPredictor(kind));
      const bytes = savePredictor(predictor);
      const random = new Random(5);
      let refused = 0;
      for (let k = 0; k < runs(60, 1 / 10); k++) {
        // Small changes in the header and everywhere: places that lead outside, sizes that do not fit, odd numbers.
        const forged =
          k % 2 === 0
            ? forgeArrays(
                bytes,
                (arrays) => void arrays.writeUInt8(random.below(256), random.below(arrays.length)),
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
      expect(refused).toBeGreaterThan(runs(60, 1 / 10) / 12);
    },
  );

  it.each([
    ["arrays that are none", (header: string) => header.replace('"arrays":[', '"arrays":[null,'), /no list/],
    [
      "lists in lists",
      (header: string) =>
        header.replace('"notes":', `"x":${"[".repeat(50_000)}${"]".repeat(50_000)},"notes":`),
      /nested too deeply/,
    ],
    [
      "settings that a terminal would obey",
      (header: string) => header.replace('"setting":{', '"setting":{"\\u001b[2J":1,'),
      /members|candidates/,
    ],
  ])("is refused when it was forged with %s", async (_, change, message) => {
    const forged = forgeHeader(await savedToy("trees"), change);
    expect(() => loadPredictor(forged)).toThrow(InputError);
    expect(() => loadPredictor(forged)).toThrow(message);
  });

  it.each([
    ["base-rate", "Float64Array", -7],
    ["base-rate", "Float64Array", NaN],
    ["trees", "Float32Array", 2],
    ["logistic", "Float32Array", NaN],
    ["logistic", "Float32Array", Infinity],
    ["knn", "Float32Array", 7],
  ] as const)("is refused when its last numbers are out of range (%s, %s: %d)", async (kind, type, value) => {
    const bytes = Buffer.from(await savedToy(kind));
    const header = JSON.parse(bytes.subarray(16, 16 + bytes.readUInt32LE(8)).toString()) as {
      arrays: { type: string; length: number; size: number }[];
    };
    const last = header.arrays.findLastIndex((one) => one.type === type);
    const at = header.arrays.slice(0, last).reduce((sum, { size }) => sum + size, 0);
    const forged = forgeArrays(bytes, (arrays) => {
      const packed = packArray(
        type === "Float64Array"
          ? new Float64Array(header.arrays[last].length).fill(value)
          : new Float32Array(header.arrays[last].length).fill(value),
      );
      arrays.set(packed, at);
    });
    expect(() => loadPredictor(forged)).toThrow(InputError);
    expect(() => loadPredictor(forged)).toThrow("cannot be used");
  });

  it("holds no prototype keys and no code", async () => {
    const bytes = await savedToy("base-rate");
    const forged = forgeHeader(bytes, (header) =>
      header.replace('"notes":', '"__proto__":{"polluted":1},"notes":'),
    );
    loadPredictor(forged);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
