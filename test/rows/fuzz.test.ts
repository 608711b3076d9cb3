import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { FORMATS } from "../../src/rows/formats/formats.js";
import { readNpy } from "../../src/rows/npy.js";
import { parseCondition } from "../../src/rows/where.js";
import { InputError } from "../../src/errors.js";
import { datasetRows, nativeTable } from "../../src/write/dataset.js";
import { Random } from "../../src/random.js";
import { processorMs } from "../processor.js";
import { temporaryFolder } from "./folder.js";
import { npyBytes } from "./npyBytes.js";
import { runs } from "../runs.js";

/** Mutated inputs; `OPTLLM_FUZZ=100000 npx vitest run test/rows/fuzz.test.ts` runs the full count. */
const COUNT = Number(process.env.OPTLLM_FUZZ ?? runs(2500));
const SEED = Number(process.env.OPTLLM_FUZZ_SEED ?? 1);
const SLOW_MS = 5_000;

const folder = temporaryFolder();
const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

const TOKENS = [
  '"', "\n", "\r\n", ",", ";", "\t", "{", "}", "[", "]", ":", "\\", "\\u", "\\ud800", "null", "true", "1e999", "-1", "-0",
  "NaN", "Infinity", "0x1f", "9".repeat(400), "0." + "0".repeat(400) + "1", "__proto__", "constructor", "__score", "__cost",
  "|total_cost", "allowed_models", "\0", "é", "🚀", "\u2028", "\ufeff", "PAR1", '{"a":', "[[[[[[[[", '""', "id", "model",
]; // prettier-ignore

/** Every kind of file that is read, by name. */
async function seeds(): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const path of readdirSync(fixtures, { recursive: true, encoding: "utf8" })) {
    const file = join(fixtures, path);
    if (statSync(file).isFile()) found.set(path.replaceAll("/", "-"), readFileSync(file));
  }
  found.set("native.csv.gz", gzipSync(found.get("native.csv")!));
  for (const name of ["native.csv", "routerbench.csv", "promptfoo/results.jsonl"]) {
    const dataset = await readDataset(join(fixtures, name), { columns: "all" });
    const parts: Buffer[] = [];
    for await (const part of datasetRows(nativeTable(dataset), "parquet")) parts.push(Buffer.from(part));
    found.set(`${name.replaceAll("/", "-")}.parquet`, Buffer.concat(parts));
  }
  found.set(
    "vectors.npy",
    npyBytes(
      "<f4",
      [3, 4],
      Float32Array.from({ length: 12 }, (_, i) => i / 7),
    ),
  );
  return found;
}

function mutated(bytes: Buffer, random: Random): Buffer {
  let now = Buffer.from(bytes);
  const place = (): number => random.below(now.length + 1);
  const insert = (at: number, what: Uint8Array, drop = 0): void => {
    now = Buffer.concat([now.subarray(0, at), what, now.subarray(at + drop)]);
  };
  for (let left = 1 + random.below(4); left > 0; left--) {
    const kind = random.below(8);
    const at = place();
    const length = random.below(Math.min(64, now.length) + 1);
    if (kind === 0 && now.length > 0) now[random.below(now.length)] ^= 1 << random.below(8);
    else if (kind === 1 && now.length > 0) now[random.below(now.length)] = random.below(256);
    else if (kind === 2) insert(at, Buffer.from(TOKENS[random.below(TOKENS.length)]), random.below(3));
    else if (kind === 3) insert(at, Buffer.alloc(0), length);
    else if (kind === 4) insert(at, now.subarray(place()).subarray(0, length));
    else if (kind === 5) now = now.subarray(0, at);
    else if (kind === 6)
      insert(
        at,
        Uint8Array.from({ length }, () => random.below(256)),
      );
    // The last bytes hold the sizes of a Parquet file.
    else if (now.length > 0) now[Math.max(0, now.length - 1 - random.below(300))] = random.below(256);
    if (now.length > 1 << 16) break;
  }
  return now;
}

it(
  `accepts or refuses ${COUNT} mutated files, each with a one-line error`,
  { timeout: 3_600_000 },
  async () => {
    const files = [...(await seeds())];
    let accepted = 0;
    for (let run = 0; run < COUNT; run++) {
      const random = new Random(SEED, run);
      const [name, bytes] = files[run % files.length];
      const input = mutated(bytes, random);
      const path = folder.write(`fuzz-${name}`, input);
      const from = random.below(4) === 0 ? FORMATS[random.below(FORMATS.length)] : undefined;
      const where = random.below(8) === 0 ? [parseCondition("task=math")] : undefined;
      const columns = random.below(2) === 0 ? "all" : ["task"];
      const start = processorMs();
      try {
        if (name.endsWith(".npy")) await readNpy(path);
        else await readDataset(path, { from, where, columns });
        accepted++;
      } catch (error) {
        const what = `run ${run} of seed ${SEED}, ${name}: ${(error as Error).stack}`;
        expect(error instanceof InputError, what).toBe(true);
        expect((error as Error).message, what).toMatch(/^[^\p{Cc}]{1,1000}$/u);
      }
      expect(processorMs() - start, `run ${run} of seed ${SEED}, ${name}`).toBeLessThan(SLOW_MS);
    }
    // Both happen, or the mutations are too weak or too strong to test anything.
    expect(accepted).toBeGreaterThan(COUNT / 50);
    expect(accepted).toBeLessThan(COUNT);
    // A file of a few kilobytes must not take gigabytes of memory, whatever it claims.
    expect(process.resourceUsage().maxRSS / 1024).toBeLessThan(1500);
  },
);
