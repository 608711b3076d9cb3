import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import { predictCosts } from "../../src/predict/cost/cost.js";
import { trainPredictor } from "../../src/predict/train.js";
import { Random } from "../../src/random.js";
import { forgeHeader, forgeOften, probes, sample, toyPredictor, withCosts } from "./forging.js";

describe("a saved predictor", () => {
  it("keeps what models cost", async () => {
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
    ['"least":', '"least":0,"x":'],
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
      const predictor = await (kind === "forest" ? trainPredictor(sample, { kind }) : toyPredictor(kind));
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

  it("is refused when it is something else, damaged or cut", async () => {
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

  it("of a newer format says so", async () => {
    const bytes = savePredictor(await trainPredictor(sample, { kind: "base-rate" }));
    const newer = forgeHeader(bytes, (header) => header.replace('"format":4', '"format":5'));
    expect(() => loadPredictor(newer)).toThrow(/format 5, written by optllm .*update the package/);
  });

  it("of an older format asks for a new fit", async () => {
    const bytes = savePredictor(await trainPredictor(sample, { kind: "base-rate" }));
    const older = forgeHeader(bytes, (header) => header.replace('"format":4', '"format":2'));
    expect(() => loadPredictor(older)).toThrow(/format 2, which this version no longer reads: fit it anew/);
  });

  it("is refused when its members do not have a weight each", async () => {
    const bytes = savePredictor(await trainPredictor(sample, { kind: "logistic" }));
    const weightless = forgeHeader(bytes, (header) => header.replace('"weight":', '"wait":'));
    expect(() => loadPredictor(weightless)).toThrow(/calibration cannot be used/);
  });

  it.each([
    ["start", undefined],
    ["value", undefined],
    ["columns", undefined],
    ["columns", 3e8],
    ["columns", -1],
    ["rows", 1],
  ])("is refused when the rows of a replicate are like those before but for: %s %s", async (key, value) => {
    const bytes = savePredictor(await toyPredictor("logistic"));
    const changed = forgeHeader(bytes, (text) => {
      const header = JSON.parse(text) as {
        state: { bootstrap: { members: { learned: { rows: Record<string, unknown> }[] }[] } };
      };
      header.state.bootstrap.members[0].learned[1].rows[key] = value;
      return JSON.stringify(header);
    });
    expect(() => loadPredictor(changed)).toThrow(/logistic cannot be used/);
  });

  it.each(["auto", "trees", "knn", "logistic", "costs"] as const)(
    "never crashes, hangs or reads past its arrays when it was forged (%s)",
    async (kind) => {
      const predictor = await (kind === "costs" ? withCosts() : toyPredictor(kind));
      expect(await forgeOften(savePredictor(predictor), 12)).toBeGreaterThan(0);
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
    const forged = forgeHeader(savePredictor(await trainPredictor(sample, { kind: "trees" })), change);
    expect(() => loadPredictor(forged)).toThrow(InputError);
    expect(() => loadPredictor(forged)).toThrow(message);
  });

  it("holds no prototype keys and no code", async () => {
    const bytes = savePredictor(await trainPredictor(sample, { kind: "base-rate" }));
    const forged = forgeHeader(bytes, (header) =>
      header.replace('"notes":', '"__proto__":{"polluted":1},"notes":'),
    );
    loadPredictor(forged);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
