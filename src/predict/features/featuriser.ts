import { SparseTexts } from "../../core/predict/sparseTexts.js";
import { Random } from "../../random.js";
import type { OnProgress } from "../../types.js";
import type { DenseRows, Features, FeaturiserState } from "./features.js";
import { fitLsa, type Lsa } from "./lsa.js";
import { DenseTexts } from "./denseTexts.js";
import { BUCKETS, readable } from "./ngrams.js";
import { selectRows } from "../../matrix.js";
import { breathe } from "../../pool/breathe.js";
import { knownPostings, type SparseRows } from "./sparse.js";
import { fitSurface, SURFACE_FEATURES } from "./surface.js";
import { DocumentFrequencies } from "./tfidf.js";
import { share } from "../share.js";
import { numbersOf, type BucketNumbers } from "../../core/predict/bucketTables.js";
import { inSteps, type SteppedMatrix } from "../../core/predict/steppedMatrix.js";

/** Maximum number of fitted texts: labelled ones before unlabelled ones, each sampled by the seed. */
const FIT_TEXTS = 4_000;
/** Maximum number of their n-grams, 8 bytes each; at least one text. */
const FIT_ENTRIES = 1 << 24;
/** Up to this many n-grams the rows of the texts are kept, from which a file computes the projection again. */
const SMALL_ENTRIES = 1 << 19;
/** Maximum number of n-grams that are projected: the most frequent ones among those in two or more fitted texts. */
const FIT_COLUMNS = 1 << 15;

export interface FeaturiserOptions {
  /** Dimensions of the dense rows, 4 … 300; default 128. */
  dimensions?: number;
  /** Whole number, default 1. */
  seed?: number;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Turns texts into features. Fitted on some texts; a row depends on its text alone. */
export class Featuriser {
  // Made when first needed: either takes memory and time.
  private sparseTexts?: SparseTexts;
  private denseTexts?: DenseTexts;

  constructor(readonly state: FeaturiserState) {}

  /** Fits to texts, without their labels. O(characters + entries · dimensions) of at most 4,000 texts. */
  static async fit(
    labelled: readonly string[],
    unlabelled: readonly string[],
    { dimensions, seed = 1, signal, onProgress }: FeaturiserOptions = {},
  ): Promise<Featuriser> {
    const phase = "features";
    const { texts, frequencies } = await readTexts(fitTexts(labelled, unlabelled, seed), signal);
    const scale = frequencies.scale();
    const bucket = frequentBuckets(frequencies.holders);
    const reader = new SparseTexts(scale);
    const rows = await keptRows(reader, texts, bucket, signal);
    const lsa = await fitLsa(rows, {
      dimensions,
      seed,
      signal,
      onIteration: (done, total) => onProgress?.({ phase, done, total }),
    });
    const isSmall = unlabelled.length === 0 && frequencies.entries <= SMALL_ENTRIES;
    const fitted = isSmall ? { ...knownPostings(readAll(reader, texts)), basis: lsa.basis } : undefined;
    return new Featuriser(
      share({
        scale,
        projection: projectionOf(lsa, bucket, scale),
        surface: fitSurface(texts),
        ...(fitted && { texts: fitted }),
      }),
    );
  }

  /** Columns of the dense rows: the dimensions, of unit length together, then the surface features. */
  get denseColumns(): number {
    return this.state.projection.columns + SURFACE_FEATURES.length;
  }

  /** Both halves of the features of texts[from … to − 1]. Fresh and owned by the caller. */
  features(texts: readonly string[], from = 0, to = texts.length): Features {
    return {
      rows: to - from,
      sparse: this.sparse(texts, from, to),
      dense: this.dense(texts, from, to),
    };
  }

  /** The sparse half alone. */
  sparse(texts: readonly string[], from = 0, to = texts.length): SparseRows {
    this.sparseTexts ??= new SparseTexts(this.state.scale);
    return readAll(this.sparseTexts, texts, from, to);
  }

  /** The dense half alone. */
  dense(texts: readonly string[], from = 0, to = texts.length): DenseRows {
    this.denseTexts ??= new DenseTexts(this.state);
    const rows = to - from;
    const dense = { rows, columns: this.denseColumns, value: new Float32Array(rows * this.denseColumns) };
    this.denseTexts.write(texts, from, to, dense.value);
    return dense;
  }
}

function readAll(reader: SparseTexts, texts: readonly string[], from = 0, to = texts.length): SparseRows {
  return { ...reader.rows(readable(texts, from, to)), columns: BUCKETS };
}

/** Texts processed between two yields to the event loop. */
const SLICE = 256;
/** Streams of the seed, for the two draws. */
const LABELLED_STREAM = 12;
const UNLABELLED_STREAM = 13;

function fitTexts(labelled: readonly string[], unlabelled: readonly string[], seed: number): string[] {
  const first = draw(labelled, FIT_TEXTS, seed, LABELLED_STREAM);
  return [...first, ...draw(unlabelled, FIT_TEXTS - first.length, seed, UNLABELLED_STREAM)];
}

/** At most `most` texts: all in their order, or a sample in random order. */
function draw(texts: readonly string[], most: number, seed: number, stream: number): readonly string[] {
  if (texts.length <= most) return texts;
  const order = new Random(seed, stream).permutation(texts.length);
  return Array.from(order.subarray(0, most), (k) => texts[k]);
}

/** Counts document frequencies; returns the texts that fit the limit of entries. */
async function readTexts(
  texts: string[],
  signal: AbortSignal | undefined,
): Promise<{ texts: string[]; frequencies: DocumentFrequencies }> {
  const frequencies = new DocumentFrequencies();
  for (let from = 0; from < texts.length; from += SLICE) {
    const slice = texts.slice(from, from + SLICE);
    const read = frequencies.add(slice, FIT_ENTRIES);
    if (read < slice.length) return { texts: texts.slice(0, from + read), frequencies };
    await breathe(signal);
  }
  return { texts, frequencies };
}

/** The buckets that are projected, by falling document frequency, then bucket. */
function frequentBuckets(holders: Uint32Array): Int32Array {
  const kept: number[] = [];
  holders.forEach((count, bucket) => {
    if (count >= 2) kept.push(bucket);
  });
  kept.sort((a, b) => holders[b] - holders[a] || a - b);
  return Int32Array.from(kept.slice(0, FIT_COLUMNS));
}

/** Multiplies every row by its n-gram's √idf, so that a text's weights are counts alone, and makes it bytes. */
function projectionOf(
  { dimensions, projection }: Lsa,
  bucket: Int32Array,
  scale: BucketNumbers,
): SteppedMatrix {
  const order = Array.from(bucket.keys()).sort((a, b) => bucket[a] - bucket[b]);
  const sorted = Int32Array.from(order, (row) => bucket[row]);
  const matrix = selectRows(projection, dimensions, order);
  const table = numbersOf(scale);
  sorted.forEach((b, row) => {
    const end = (row + 1) * dimensions;
    for (let k = row * dimensions; k < end; k++) matrix[k] *= table[b];
  });
  return inSteps(sorted, dimensions, matrix);
}

/** The texts' rows over the numbered columns only. */
async function keptRows(
  reader: SparseTexts,
  texts: readonly string[],
  bucket: Int32Array,
  signal: AbortSignal | undefined,
): Promise<SparseRows> {
  const columnOf = new Int32Array(BUCKETS).fill(-1);
  bucket.forEach((b, column) => (columnOf[b] = column));
  const start = new Uint32Array(texts.length + 1);
  const blocks: { column: Int32Array; value: Float32Array }[] = [];
  let used = 0;
  for (let from = 0; from < texts.length; from += SLICE) {
    const to = Math.min(from + SLICE, texts.length);
    const rows = reader.rows(readable(texts, from, to));
    const column = new Int32Array(rows.column.length);
    const value = new Float32Array(rows.column.length);
    let kept = 0;
    for (let r = 0; r < rows.rows; r++) {
      for (let k = rows.start[r]; k < rows.start[r + 1]; k++) {
        const c = columnOf[rows.column[k]];
        if (c < 0) continue;
        column[kept] = c;
        value[kept++] = rows.value[k];
      }
      start[from + r + 1] = used + kept;
    }
    used += kept;
    blocks.push({ column: column.slice(0, kept), value: value.slice(0, kept) });
    await breathe(signal);
  }
  const column = new Int32Array(used);
  const value = new Float32Array(used);
  let at = 0;
  for (const block of blocks) {
    column.set(block.column, at);
    value.set(block.value, at);
    at += block.column.length;
  }
  return { rows: texts.length, columns: bucket.length, start, column, value };
}
