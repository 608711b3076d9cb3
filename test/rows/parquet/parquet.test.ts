import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import {
  parquetReadObjects,
  type FieldRepetitionType,
  type ParquetType,
  type SchemaElement,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetWriteBuffer, type ColumnSource } from "hyparquet-writer";
import { snappyCompress } from "hysnappy";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readDataset } from "../../../src/rows/dataset.js";
import { Scratch } from "../../../src/rows/parquet/buffers.js";
import { openParquet } from "../../../src/rows/parquet/parquet.js";
import { plain } from "../../../src/rows/parquet/plain.js";
import { readRuns } from "../../../src/rows/parquet/runs.js";
import { temporaryFolder } from "../folder.js";

const folder = temporaryFolder();
const fixtures = fileURLToPath(new URL("../fixtures/parquet/", import.meta.url));

/** Runs and packed groups, as a writer may mix them; what they hold. */
const pieces = (width: number) =>
  fc.array(
    fc.oneof(
      fc.record({ value: fc.nat(2 ** width - 1), times: fc.integer({ min: 1, max: 300 }) }),
      fc.array(fc.nat(2 ** width - 1), { minLength: 1, maxLength: 40 }),
    ),
    { maxLength: 6 },
  );

type Pieces = ({ value: number; times: number } | number[])[];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** The encoding as the format describes it, bit by bit. */
function encode(all: Pieces, width: number): { bytes: Uint8Array; values: number[] } {
  const bytes: number[] = [];
  const values: number[] = [];
  for (const piece of all)
    if (Array.isArray(piece)) {
      const padded = [...piece];
      while (padded.length % 8 > 0) padded.push(0);
      const bits = padded.flatMap((value) => Array.from({ length: width }, (_, k) => (value >> k) & 1));
      bytes.push(...varint(((padded.length / 8) << 1) | 1));
      for (let at = 0; at < bits.length; at += 8)
        bytes.push(bits.slice(at, at + 8).reduce((byte, bit, k) => byte | (bit << k), 0));
      values.push(...padded);
    } else {
      bytes.push(...varint(piece.times << 1));
      for (let shift = 0; shift < width; shift += 8) bytes.push((piece.value >> shift) & 255);
      values.push(...new Array<number>(piece.times).fill(piece.value));
    }
  return { bytes: Uint8Array.from(bytes), values };
}

describe("readRuns", () => {
  const scratch = new Scratch();
  const anything = fc
    .integer({ min: 1, max: 24 })
    .chain((width) => fc.record({ width: fc.constant(width), all: pieces(width) }));

  it("reads runs and packed bits of every width", () => {
    fc.assert(
      fc.property(anything, ({ width, all }) => {
        const { bytes, values } = encode(all, width);
        expect(Array.from(readRuns(bytes, 0, bytes.length, width, values.length, scratch))).toEqual(values);
        expect(() => readRuns(bytes, 0, bytes.length, width, values.length + 1, scratch)).toThrow(
          "too early",
        );
      }),
    );
  });

  it("reads the format's own example: 0 … 7 in three bits", () => {
    const bytes = Uint8Array.of(0b11, 0b10001000, 0b11000110, 0b11111010);
    expect(Array.from(readRuns(bytes, 0, 4, 3, 8, scratch))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // The last two bytes hold the last five numbers.
    expect(Array.from(readRuns(bytes.subarray(0, 3), 0, 3, 3, 5, scratch))).toEqual([0, 1, 2, 3, 4]);
    expect(() => readRuns(bytes.subarray(0, 3), 0, 3, 3, 6, scratch)).toThrow("too early");
  });

  it("gives only 0 at width 0, and refuses invalid widths and ends", () => {
    expect(Array.from(readRuns(new Uint8Array(0), 0, 0, 0, 3, scratch))).toEqual([0, 0, 0]);
    expect(() => readRuns(new Uint8Array(9), 0, 9, 33, 1, scratch)).toThrow("33 bits");
    expect(() => readRuns(new Uint8Array(9), 0, 10, 1, 1, scratch)).toThrow("beyond");
    expect(() => readRuns(new Uint8Array(11).fill(255), 0, 11, 1, 1, scratch)).toThrow("does not end");
  });

  it("refuses runs that are longer than what is to be read, before they take time or memory", () => {
    const long = Uint8Array.of(...varint(2 ** 30), 1);
    expect(() => readRuns(long, 0, long.length, 1, 8, scratch)).toThrow("a run that is too long");
    const packed = Uint8Array.of(...varint(2 ** 30 + 1), 1);
    expect(() => readRuns(packed, 0, packed.length, 1, 8, scratch)).toThrow("too early");
    expect(() => readRuns(Uint8Array.of(1, 3, 3), 0, 3, 1, 8, scratch)).toThrow("a run without numbers");
  });
});

/** All values of a file, by our reader, in steps of `step` rows. */
async function readAll(path: string, step: number): Promise<Record<string, unknown[]>> {
  const table = await openParquet(path);
  const found: Record<string, unknown[]> = {};
  for (const name of table.columns) {
    const all: unknown[] = [];
    let from = 0;
    for (const [group, to] of table.borders.entries()) {
      const column = await table.column(name, group);
      for (; from < to; from = Math.min(to, from + step))
        all.push(...Array.from(await column.next(Math.min(step, to - from)), plain));
    }
    found[name] = all;
  }
  await table.close();
  return found;
}

const number = fc.oneof(fc.double(), fc.constantFrom(0, 0.5, 1));
const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const long = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(7n, 8n));
const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("", "yes", "\ufeffno"));

const source: fc.Arbitrary<{
  columns: ColumnSource[];
  rowGroupSize: number;
  pageSize: number;
  step: number;
}> = fc.integer({ min: 1, max: 60 }).chain((rows) => {
  const column = (name: string, type: ColumnSource["type"], value: fc.Arbitrary<unknown>) =>
    fc
      .record({ nullable: fc.boolean(), codec: fc.constantFrom("SNAPPY" as const, "UNCOMPRESSED" as const) })
      .chain(({ nullable, codec }) =>
        fc
          .array(nullable ? fc.option(value, { freq: 3 }) : value, { minLength: rows, maxLength: rows })
          .map((data): ColumnSource => ({ name, type, nullable, codec, data })),
      );
  return fc.record({
    columns: fc.tuple(
      column("float", "FLOAT", number.map(Math.fround)),
      column("double", "DOUBLE", number),
      column("int", "INT32", whole),
      column("long", "INT64", long),
      column("text", "STRING", text),
      column("flag", "BOOLEAN", fc.boolean()),
    ),
    rowGroupSize: fc.integer({ min: 1, max: 70 }),
    pageSize: fc.constantFrom(1, 64, 2 ** 20),
    step: fc.integer({ min: 1, max: 70 }),
  });
});

describe("openParquet", () => {
  it("reads what hyparquet reads: any pages, row groups, blanks and dictionaries", async () => {
    await fc.assert(
      fc.asyncProperty(source, async ({ columns, rowGroupSize, pageSize, step }) => {
        const bytes = parquetWriteBuffer({ columnData: columns, rowGroupSize, pageSize });
        const found = await readAll(folder.write("any.parquet", new Uint8Array(bytes)), step);
        const expected = await parquetReadObjects({ file: bytes, compressors });
        for (const { name } of columns)
          expect(found[name]).toEqual(expected.map((row) => plain(row[name] ?? null)));
      }),
    );
  });

  it("reads a decimal as the number nearest to it", async () => {
    const costs = [0.00010748, 0.00012702, 0.00015633, 0.00043966, 0.5];
    const bytes = parquetWriteBuffer({
      columnData: [{ name: "m__cost", data: costs }],
      schema: [
        { name: "root", num_children: 1 },
        {
          name: "m__cost",
          type: "INT32",
          converted_type: "DECIMAL",
          repetition_type: "REQUIRED",
          scale: 8,
          precision: 9,
        },
      ],
    });
    const { cost } = await readDataset(folder.write("decimal.parquet", new Uint8Array(bytes)));
    expect([...cost]).toEqual(costs);
  });

  it.each(["snappy", "zstd", "v2"])("reads another writer's file: %s", async (name) => {
    const path = join(fixtures, `${name}.parquet`);
    const dataset = await readDataset(path, { columns: "all" });
    const row = Array.from({ length: 2100 }, (_, i) => i);
    const score = (i: number): number => (i % 3 === 0 ? NaN : (i % 4) / 4);
    const cost = (i: number): number => (i % 10 === 0 ? Infinity : i * 0.125);
    expect(dataset.models).toEqual(["a", "b"]);
    expect(dataset.ids).toEqual(row.map((i) => `q${i}`));
    expect(dataset.queries).toEqual(
      row.map((i) => (i % 7 === 0 ? "" : i % 5 === 0 ? `é🚀 ${i}` : `text ${i % 11}`)),
    );
    expect(dataset.outcome).toEqual(Float32Array.from(row.flatMap((i) => [score(i), i % 2 === 0 ? 1 : 0])));
    expect(dataset.cost).toEqual(Float64Array.from(row.flatMap((i) => [i / 1024, cost(i)])));
    expect(dataset.tokens!.input).toEqual(Float32Array.from(row.flatMap((i) => [i, i % 13])));
    expect(dataset.tokens!.output).toEqual(
      Float32Array.from(row.flatMap((i) => [i % 6 === 0 ? NaN : i * 1000, i * 3])),
    );
    expect(dataset.columns!.get("big")).toEqual(row.map((i) => String(9007199254740993n + BigInt(i))));
    expect(dataset.columns!.get("amount")).toEqual(row.map((i) => String(Math.round(i * 25) / 100)));
    expect(dataset.columns!.get("day")![31]).toBe("2024-02-01T00:00:00.000Z");
  });
});

/** A file whose footer claims `rows` rows in one group, over the given bytes of one column. */
async function forged(
  column: Uint8Array,
  rows: number,
  type: ParquetType = "FLOAT",
  repetition: FieldRepetitionType = "REQUIRED",
): Promise<string> {
  const { writeMetadata } = await import("hyparquet-writer/src/metadata.js");
  const { ByteWriter } = await import("hyparquet-writer");
  const schema: SchemaElement[] = [
    { name: "root", num_children: 1 },
    { name: "a__score", type, repetition_type: repetition },
  ];
  const writer = new ByteWriter();
  writer.appendBytes(Buffer.from("PAR1"));
  writer.appendBytes(column);
  const meta = {
    type,
    encodings: ["PLAIN" as const],
    path_in_schema: ["a__score"],
    codec: "SNAPPY" as const,
    num_values: BigInt(rows),
    total_uncompressed_size: 0n,
    total_compressed_size: BigInt(column.length),
    data_page_offset: 4n,
  };
  const group = {
    columns: [{ file_offset: 0n, meta_data: meta }],
    total_byte_size: 0n,
    num_rows: BigInt(rows),
  };
  writeMetadata(writer, {
    version: 2,
    schema,
    num_rows: BigInt(rows),
    row_groups: [group],
    metadata_length: 0,
  });
  writer.appendBytes(Buffer.from("PAR1"));
  return folder.write("forged.parquet", writer.getBytes());
}

/** A data page of version 1 that claims these sizes. */
function page(packed: Uint8Array, unpackedSize: number, rows: number, encoding = PLAIN): Uint8Array {
  const zigzag = (value: number): number[] => varint(value * 2);
  const dataHeader = [
    0x15,
    ...zigzag(rows),
    0x15,
    ...zigzag(encoding),
    0x15,
    ...zigzag(3),
    0x15,
    ...zigzag(3),
    0,
  ];
  const sizes = [0x15, 0, 0x15, ...zigzag(unpackedSize), 0x15, ...zigzag(packed.length)];
  return Uint8Array.from([...sizes, 0x2c, ...dataHeader, 0, ...packed]);
}

/** The same with the bytes as they are to be unpacked. */
function pageOf(bytes: readonly number[], rows: number, encoding = PLAIN): Uint8Array {
  return page(snappyCompress(Uint8Array.from(bytes)), bytes.length, rows, encoding);
}

/** Numbers in DELTA_BINARY_PACKED encoding, each larger by `step` than the one before. */
function steps(first: number, step: number): number[] {
  return [...varint(2 ** 24), 4, ...varint(2 ** 24), ...varint(2 * first), ...varint(2 * step), 0, 0, 0, 0];
}

/** A dictionary page that claims this number of values. */
function dictionary(packed: Uint8Array, unpackedSize: number, values: number): Uint8Array {
  const zigzag = (value: number): number[] => varint(value * 2);
  const sizes = [0x15, ...zigzag(2), 0x15, ...zigzag(unpackedSize), 0x15, ...zigzag(packed.length)];
  return Uint8Array.from([...sizes, 0x4c, 0x15, ...zigzag(values), 0x15, 0, 0, 0, ...packed]);
}

/** Encodings, as the format numbers them. */
const [PLAIN, DELTA, DELTA_LENGTHS, DELTA_TEXTS, SPLIT] = [0, 5, 6, 7, 9];

/** A field that is a number of 64 bits, and goes on for 256 KiB. */
const endless = Buffer.concat([Buffer.of(0x16), Buffer.alloc(2 ** 18, 255)]);

const none = dictionary(Uint8Array.of(0), 0, 0);

describe("a forged footer", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("is trusted only as far as its pages go", async () => {
    const packed = snappyCompress(new Uint8Array(Float32Array.of(0.25, 1).buffer));
    const dataset = await readDataset(await forged(page(packed, 8, 2), 2));
    expect(dataset.outcome).toEqual(Float32Array.of(0.25, 1));
  });

  it("is refused when a number in it does not end, or structs do not", async () => {
    for (const [metadata, problem] of [
      [endless, "does not end"],
      [Buffer.alloc(9999, 0x1c), "nested too deeply"],
      [Buffer.alloc(9, 0x1c), "ends too early"],
      [Buffer.of(0x19, 0xfc, 255, 255, 255, 127), "ends too early"],
      [Buffer.of(0x1f), "a field of type 15"],
    ] as const) {
      const end = Buffer.from("0000PAR1");
      end.writeUInt32LE(metadata.length);
      const path = folder.write("footer.parquet", Buffer.concat([Buffer.from("PAR1"), metadata, end]));
      await expect(readDataset(path)).rejects.toThrow(problem);
      await expect(readDataset(path)).rejects.toThrow("footer.parquet: damaged Parquet");
    }
  });

  it("refuses a dictionary whose end no index can address", async () => {
    const bytes = 4 * (2 ** 24 + 1);
    const column = dictionary(snappyCompress(new Uint8Array(bytes)), bytes, 2 ** 24 + 1);
    await expect(readDataset(await forged(column, 1))).rejects.toThrow("a dictionary of 16777217 values");
  });

  it("counts the rows of pages exactly", async () => {
    const packed = snappyCompress(new Uint8Array(Float32Array.of(0.25, 1, 0, 0).buffer));
    const column = Buffer.concat([page(packed, 16, 2), page(packed, 16, 2)]);
    expect((await readDataset(await forged(column, 4))).outcome).toEqual(Float32Array.of(0.25, 1, 0.25, 1));
    await expect(readDataset(await forged(column, 3))).rejects.toThrow("a page of 2 rows");
  });

  it.each([
    [
      "more rows than its pages",
      page(snappyCompress(new Uint8Array(36_000)), 36_000, 9000),
      "rows are missing",
    ],
    ["a page of more rows than the group", page(snappyCompress(new Uint8Array(8)), 8, 2 ** 24), "a page of"],
    ["a page that no packing can hold", page(new Uint8Array(9), 2 ** 27, 2), "cannot have its claimed size"],
    ["a page above the limit", page(new Uint8Array(9), 2 ** 29, 2), "larger than 256 MiB"],
    ["values beyond the page", page(snappyCompress(new Uint8Array(4)), 4, 9), "damaged Parquet"],
    ["no page", new Uint8Array(0), "rows are missing"],
    ["a number that does not end", endless, "does not end"],
    [
      "more values of a dictionary than bytes",
      dictionary(Uint8Array.of(0), 0, 1),
      "a dictionary of 1 values",
    ],
    ["dictionaries again and again", Buffer.concat([none, none]), "a second dictionary"],
  ])("costs nothing: %s", async (_, column, problem) => {
    const path = await forged(column, 2 ** 24 - 1);
    await refusesAtOnce(path, problem);
  });

  it.each<[string, ParquetType, FieldRepetitionType, Uint8Array, string]>([
    [
      "a literal that leads the decoder back to its own beginning",
      "FLOAT",
      "REQUIRED",
      page(Uint8Array.of(8, 0xfc, 0xfa, 255, 255, 255), 8, 2),
      "packed data ends too early",
    ],
    [
      "a run of levels that is longer than the page",
      "FLOAT",
      "OPTIONAL",
      pageOf([7, 0, 0, 0, 3, 1, ...varint(2 ** 31 - 2), 1], 9),
      "a run that is too long",
    ],
    [
      "fewer levels than rows",
      "FLOAT",
      "OPTIONAL",
      pageOf([2, 0, 0, 0, 16, 1], 2 ** 23),
      "levels or indices end too early",
    ],
    [
      "more booleans than bits",
      "BOOLEAN",
      "REQUIRED",
      pageOf([255], 2 ** 23),
      "values end beyond their page",
    ],
    ["more texts than bytes", "BYTE_ARRAY", "REQUIRED", pageOf([0], 2 ** 23), "values end beyond their page"],
    [
      "a text that ends beyond its page",
      "BYTE_ARRAY",
      "REQUIRED",
      pageOf([9, 0, 0, 0, 65], 1),
      "ends too early",
    ],
    [
      "more split bytes than bytes",
      "DOUBLE",
      "REQUIRED",
      pageOf([0], 2 ** 23, SPLIT),
      "values end beyond their page",
    ],
    [
      "a difference that does not end",
      "INT64",
      "REQUIRED",
      pageOf([...varint(128), 4, 9, 0, ...endless.subarray(1)], 9, DELTA),
      "does not end",
    ],
    [
      "blocks of differences in more parts than bytes",
      "INT32",
      "REQUIRED",
      pageOf([...varint(2 ** 30), ...varint(2 ** 30), 9, 0, 0], 9, DELTA),
      "differences end too early",
    ],
    [
      "blank texts without end",
      "BYTE_ARRAY",
      "REQUIRED",
      pageOf(steps(0, 0), 2 ** 22, DELTA_LENGTHS),
      "the texts of a page are larger than 256 MiB",
    ],
    [
      "texts that repeat all that stood before",
      "BYTE_ARRAY",
      "REQUIRED",
      pageOf([...steps(0, 1), ...steps(1, 0), ...new Array<number>(2 ** 15).fill(65)], 2 ** 15, DELTA_TEXTS),
      "the texts of a page are larger than 256 MiB",
    ],
    [
      "a text that repeats more than stood before",
      "BYTE_ARRAY",
      "REQUIRED",
      pageOf([...steps(0, 2 ** 26), ...steps(1, 0), 65, 65], 2, DELTA_TEXTS),
      "a text that ends beyond its page",
    ],
  ])("costs nothing: %s", async (_, type, repetition, column, problem) => {
    const path = await forged(column, 2 ** 24 - 1, type, repetition);
    await refusesAtOnce(path, problem);
  });
});

/** Expects the error, and that nobody allocates memory for what the file claims. */
async function refusesAtOnce(path: string, problem: string): Promise<void> {
  let most = 0;
  const watched = (kind: typeof ArrayBuffer | typeof SharedArrayBuffer) =>
    new Proxy(kind, {
      construct(target, [length]: [number]) {
        most = Math.max(most, length);
        return new target(length);
      },
    });
  vi.stubGlobal("SharedArrayBuffer", watched(SharedArrayBuffer));
  vi.stubGlobal("ArrayBuffer", watched(ArrayBuffer));
  const allocate = vi.spyOn(Buffer, "allocUnsafeSlow");
  await expect(readDataset(path)).rejects.toThrow(problem);
  await expect(readDataset(path)).rejects.toThrow("forged.parquet, column a__score: damaged Parquet");
  const lengths = allocate.mock.calls.map(([length]) => length);
  expect(Math.max(most, ...lengths)).toBeLessThan(2 ** 20);
}
