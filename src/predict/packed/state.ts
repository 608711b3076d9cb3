import { InputError } from "../../errors.js";
import type { BucketNumbers } from "../../core/predict/bucketTables.js";
import type { Postings } from "../../core/predict/postings.js";
import type { FeaturiserState, FittedTexts } from "../features/features.js";
import { arePostings, type KnownPostings } from "../features/sparse.js";
import { NGRAM_BUCKETS } from "../../../assembly/layout.js";
import { areModerate, areWithin } from "../methods/ranges.js";
import type { PredictorState } from "../state.js";
import { numbersAt, packPostings, unpackPostings, type PackedPostings } from "./postings.js";
import { packProjection, unpackProjection, type PackedProjection } from "./projection.js";

/** Postings as they are, or packed. */
type AnyPostings = Postings | PackedPostings;

/** A state with everything left out that follows from the rest. Plain data. */
export function packState(state: PredictorState): unknown {
  const pack = remembered(({ postings, known, rows, scale }: Scaled): AnyPostings => {
    const whole = postings as Postings;
    return (scale && packPostings(whole, rows, numbersAt(scale, known.column))) ?? whole;
  });
  return eachPart(state, (eyes) => packEyes(eyes, pack), pack);
}

/** Puts back what `packState` left out. What does not fit together is refused by `checkState` later, or here: InputError. */
export function unpackState(packed: unknown): unknown {
  try {
    return unpacked(packed as PredictorState);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("the saved predictor is inconsistent: a part of it is missing or of another type");
  }
}

function unpacked(state: PredictorState): unknown {
  const unpack = remembered(({ postings, known, scale }: Scaled): Postings =>
    "count" in postings ? unpackPostings(postings, numbersAt(scale!, known.column)) : postings,
  );
  return eachPart(state, (eyes) => unpackEyes(eyes, unpack), unpack);
}

interface Scaled extends Omit<KnownPostings, "postings"> {
  postings: AnyPostings;
  scale?: BucketNumbers;
}

function packEyes(eyes: FeaturiserState, pack: (of: Scaled) => AnyPostings): unknown {
  const { texts, scale, projection } = eyes;
  if (texts === undefined) return eyes;
  return {
    ...eyes,
    projection: packProjection(projection, texts, scale),
    texts: { ...texts, postings: pack({ ...texts, scale }) },
  };
}

function unpackEyes(eyes: FeaturiserState, unpack: (of: Scaled) => Postings): FeaturiserState {
  const { texts: packed, scale } = eyes;
  if (packed === undefined) return eyes;
  const projection = eyes.projection as unknown as PackedProjection;
  const texts: FittedTexts = { ...packed, postings: unpack({ ...packed, scale }) };
  if (!areTexts(texts, projection))
    throw new InputError("the saved predictor is inconsistent: its texts cannot be used");
  return { ...eyes, texts, projection: unpackProjection(projection, texts, scale) };
}

/** Whether a projection can be computed. */
function areTexts(
  { rows, postings, known, basis }: FittedTexts,
  { bucket, columns }: Pick<PackedProjection, "bucket" | "columns">,
): boolean {
  return (
    known.column instanceof Int32Array &&
    arePostings(postings, rows, known.column.length) &&
    areWithin(known.column, 0, NGRAM_BUCKETS) &&
    bucket instanceof Int32Array &&
    bucket.length <= NGRAM_BUCKETS &&
    areWithin(bucket, 0, NGRAM_BUCKETS) &&
    Number.isSafeInteger(columns) &&
    columns >= 0 &&
    columns % 4 === 0 &&
    columns <= 512 &&
    basis instanceof Float32Array &&
    basis.length === rows * columns &&
    areModerate(basis)
  );
}

/** Changes the featurisers and the postings of each part. */
function eachPart(
  { added, ...first }: PredictorState,
  eyes: (featuriser: FeaturiserState) => unknown,
  pack: (of: Scaled) => AnyPostings,
): unknown {
  const change = (part: PredictorState): unknown => ({
    ...part,
    ...(part.featuriser && { featuriser: eyes(part.featuriser) }),
    ...(part.costs?.featuriser && { costs: { ...part.costs, featuriser: eyes(part.costs.featuriser) } }),
    ...eachLearned(part, (learned) => ({
      ...learned,
      postings: pack({ ...learned, scale: part.featuriser?.scale }),
    })),
  });
  return {
    ...(change(first) as object),
    ...(added && { added: Array.isArray(added) ? added.map(change) : added }),
  };
}

/** Changes the fits that hold postings, of members and of replicates. */
function eachLearned(
  { members, bootstrap }: PredictorState,
  change: (learned: KnownPostings) => unknown,
): Pick<PredictorState, "members" | "bootstrap"> {
  const changed = (learned: unknown): unknown =>
    typeof learned === "object" && learned !== null && "known" in learned
      ? change(learned as KnownPostings)
      : learned;
  return {
    members: members.map((member) => ({ ...member, learned: changed(member.learned) })),
    ...(bootstrap && {
      bootstrap: {
        ...bootstrap,
        members: bootstrap.members.map((member) => ({ ...member, learned: member.learned.map(changed) })),
      },
    }),
  };
}

/** Many fits hold the same postings: each result is made once, and held by all of them. */
function remembered<Result extends AnyPostings>(make: (of: Scaled) => Result): (of: Scaled) => Result {
  const made: { of: Scaled; result: Result }[] = [];
  return (of) => {
    const before = made.find((one) => isSame(one.of, of));
    if (before !== undefined) return before.result;
    const result = make(of);
    made.push({ of, result });
    return result;
  };
}

/** Whether two lie in the same memory. */
function isSame(a: Scaled, b: Scaled): boolean {
  const keys = Object.keys({ ...a.postings, ...b.postings }) as (keyof AnyPostings)[];
  return (
    keys.every((key) => a.postings[key] === b.postings[key]) &&
    a.rows === b.rows &&
    a.known.column === b.known.column &&
    a.scale?.value === b.scale?.value &&
    a.scale?.bucket === b.scale?.bucket &&
    a.scale?.rest === b.scale?.rest
  );
}
