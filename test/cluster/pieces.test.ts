import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun, type Manifest } from "../../src/cluster/plan.js";
import type { RunOptions } from "../../src/cluster/options.js";
import { createRun } from "../../src/cluster/run.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { parquetBytes } from "../../src/write/parquet.js";
import { run } from "../cli/run.js";
import { isLong } from "../runs.js";
import { simulated } from "../simulated.js";
import { testFolder } from "./made.js";

const at = testFolder("pieces");
const [ROWS, MODELS] = [2_800, 4];
const BUDGET = 2;
/** As `optllm solve` writes it. */
const alone = new Map<string, string>();

beforeAll(async () => {
  const sample = simulated({ queries: 60, models: MODELS, seed: 1 });
  writeFileSync(at("p.optllm"), savePredictor(await fitPredictor(sample, [], { predictor: "base-rate" })));
  const { ids, queries } = simulated({ queries: ROWS, models: MODELS, seed: 2 });
  // Line ends, quotes and delimiters within texts.
  const texts = queries.map((text, q) => (q % 3 === 0 ? `${text}\n"${q}", and\r\nmore` : text));
  const json = ids.map((id, q) => JSON.stringify({ id, query: texts[q] }));
  writeFileSync(at("work.jsonl"), `${json.join("\n\n")}\n`);
  const csv = texts.map(
    (text, q) => `${ids[q]},"${text.replaceAll('"', '""')}",5" disk,${q < 1_000 ? "a" : "b"}`,
  );
  writeFileSync(at("work.csv"), `id,query,note,kind\n${csv.join("\n")}\n`);
  const groups = Array.from({ length: 7 }, (_, k) => [ids, texts].map((all) => all.slice(400 * k, 400 * (k + 1)))); // prettier-ignore
  const columns = ["id", "query"].map((name) => ({ name, type: "STRING" }) as const);
  const parquet: Uint8Array[] = [];
  for await (const bytes of parquetBytes(columns, groups)) parquet.push(bytes);
  writeFileSync(at("work.parquet"), Buffer.concat(parquet));
  for (const file of ["work.jsonl", "work.csv", "work.parquet"]) {
    const source = ["--predictor-file", at("p.optllm"), "--budget", `${BUDGET}`, "-q", "--threads", "1"];
    const { code } = await run("solve", at(file), ...source, "-o", at("alone.jsonl"));
    expect(code).toBe(0);
    alone.set(file, readFileSync(at("alone.jsonl"), "utf8"));
  }
});

async function planned(folder: string, options: Partial<RunOptions>): Promise<Manifest> {
  // So few rows would otherwise be solved as one problem.
  const given = { predictorFile: at("p.optllm"), target: { budget: BUDGET }, fewOptions: 0 };
  await createRun(at(folder), { ...given, inputs: [at("work.jsonl")], ...options });
  return finishRun(at(folder), inline);
}

const emitted = (folder: string): string =>
  readdirSync(at(folder, "allocation"))
    .map((part) => readFileSync(at(folder, "allocation", part), "utf8"))
    .join("");

describe("a large file", () => {
  // The tests of queues cut JSON Lines, too.
  it.each([...(isLong ? ["work.jsonl"] : []), "work.csv", "work.parquet"])(
    "%s gives the bytes of one machine, whatever its parts and shards",
    async (file) => {
      const cases = [
        { pieceBytes: 150_000, shardRows: 1 },
        { pieceBytes: 400_000, shardRows: 2_000_000 },
      ];
      const counts: number[] = [];
      for (const [k, sizes] of cases.entries()) {
        const folder = `${file}-${k}`;
        const { inputs, parts } = await planned(folder, { inputs: [at(file)], ...sizes });
        expect(emitted(folder)).toBe(alone.get(file));
        expect(inputs.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS);
        expect(new Set(inputs.map(({ sha256 }) => sha256)).size).toBe(inputs.length);
        counts.push(parts.length);
      }
      expect(counts[0]).toBeGreaterThan(counts[1]);
      expect(counts[1]).toBeGreaterThan(1);
    },
  );

  it("is read under conditions, which some of its parts may not meet at all", async () => {
    const source = ["--predictor-file", at("p.optllm"), "--budget", "8", "-q", "--threads", "1"];
    const { code } = await run("solve", at("work.csv"), ...source, "--where", "kind=b", "-o", at("b.jsonl"));
    expect(code).toBe(0);
    const where = [{ column: "kind", operator: "=", value: "b" } as const];
    const options = { inputs: [at("work.csv")], pieceBytes: 150_000, where, target: { budget: 8 } };
    const { inputs } = await planned("conditions", options);
    expect(inputs[0].rows).toBe(0);
    expect(emitted("conditions")).toBe(readFileSync(at("b.jsonl"), "utf8"));
    const unmet = { ...options, where: [{ ...where[0], value: "c" }] };
    await expect(planned("none", unmet)).rejects.toThrow("no row of the inputs meets the conditions");
  });

  it("names the line of a mistake in any of its parts", async () => {
    for (const [file, mistake] of [
      ["work.jsonl", { from: '"q2500"', to: "[]" }],
      ["work.csv", { from: "\nq2500,", to: "\n ," }],
    ] as const) {
      const text = readFileSync(at(file), "utf8");
      const line = text.slice(0, text.indexOf(mistake.from) + 1).split("\n").length;
      writeFileSync(at(`broken-${file}`), text.replace(mistake.from, mistake.to));
      const attempt = planned(`broken-run-${file}`, { inputs: [at(`broken-${file}`)], pieceBytes: 150_000 });
      await expect(attempt).rejects.toThrow(`broken-${file}:${line}: `);
    }
  });

  it("and others must not have the same id twice: both places are named", async () => {
    const lines = readFileSync(at("work.jsonl"), "utf8").split("\n\n");
    lines[2_700] = lines[3];
    writeFileSync(at("twice.jsonl"), lines.join("\n\n"));
    await expect(planned("twice", { inputs: [at("twice.jsonl")], pieceBytes: 150_000 })).rejects.toThrow(
      /^id q\d+ is in \S*twice\.jsonl, row 4, and in \S*twice\.jsonl, row 2701; expected unique ids$/,
    );
    writeFileSync(at("other.jsonl"), `${lines[700]}\n`);
    const inputs = [at("work.jsonl"), at("other.jsonl")];
    await expect(planned("other", { inputs, pieceBytes: 150_000 })).rejects.toThrow(
      /row 701, and in \S*other\.jsonl, row 1;/,
    );
  });

  it("is checked as it is read again: a damaged matrix is named", async () => {
    await planned("damaged", { pieceBytes: 400_000 });
    const [matrix] = readdirSync(at("damaged", "pieces")).filter((file) => file.endsWith("probability.npy"));
    const path = at("damaged", "pieces", matrix);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    for (const later of ["manifest.json", "passes", "emitted"])
      rmSync(at("damaged", later), { recursive: true });
    await expect(finishRun(at("damaged"), inline)).rejects.toThrow(
      /00000-00000\.probability\.npy is damaged: rows 0 to 32767 .* remove 00000-00000\.json beside it/,
    );
    rmSync(at("damaged", "pieces", "00000-00000.json"));
    await finishRun(at("damaged"), inline);
    expect(emitted("damaged")).toBe(alone.get("work.jsonl"));
  });
});
