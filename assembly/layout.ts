// What both compilers read: numbers, and the fields of structs. Nothing else may stand here.

/** Raised whenever a kernel's signature or a buffer's layout changes. The host compares it on load. */
export const ABI = 21;
/** What `part()` of a module returns: which one it is. */
export const SOLVE = 0;
export const CONSTRAINTS = 1;
export const PREDICT = 2;
/** Most models of a problem: an allocation names a model in one byte, and 255 means none. */
export const MAX_MODELS = 255;
/** A cost is 0 or between these, in dollars: then no sum, difference or slope overflows or vanishes. */
export const LEAST_COST = 1e-12;
export const MOST_COST = 1e12;
/** What kernels return in place of a count: a value is not one that a problem may have. */
export const INVALID = -1;
/** The same: a cost is not a whole number of the units in which costs are added. */
export const NOT_WHOLE = -2;
/** Queries handled side by side: the float32 lanes of a v128. Blocks are padded to a multiple of it. */
export const LANES = 4;
/** Efficiency buckets: one for each value of the top 16 bits of a positive float32 without its sign. */
export const BUCKETS = 65536;
/** Low bits of a float32 that a bucket ignores. */
export const BUCKET_SHIFT = 15;
/** Options (queries × models) of one block: two float32 matrices of 256 KiB stay in the cache. */
export const BLOCK_OPTIONS = 65536;
/** Bytes of scratch for four transposed queries: 256 models × (cost in float64, probability in float32) × 4. */
export const GROUP_BYTES = 12288;
/** Values of one digit in the selection of `destroy`: 16 bits of a float64. */
export const SELECT_DIGITS = 65536;
/** Most queries that one step of the search unassigns. */
export const SEARCH_DESTROYED = 8;
/** Most combinations of options that one step of the search tries. */
export const SEARCH_COMBINATIONS = 256;
/** Most queries that one step of the search under constraints unassigns. */
export const REBUILD_QUERIES = 8;
/** Buckets of hashed n-grams, a power of two. */
export const NGRAM_BUCKETS = 1048576;
/** Most UTF-16 code units that are read of one text. */
export const MAX_UNITS = 8001;
/** Units of the longest token whose sum is kept. */
export const KEPT_TOKEN = 31;
/** Slots for the distinct tokens of one text: a power of two, more than twice the most tokens a text can have. */
export const SEEN_SLOTS = 16384;
/** Columns of a dense matrix that are summed side by side: one panel. */
export const PANEL = 16;

// Structs: what a kernel takes by one address, a 32-bit word for each field, in this order. The host writes them by these
// names; each kernel declares a class of the same name, which says what the fields hold.

/** `solve/block.ts` */
export enum Block {
  cost,
  probability,
  weight,
  models,
  scratch,
  wide,
  least,
  places,
}
/** `solve/steps.ts` */
export enum StepLists {
  order,
  stack,
  efficiency,
  dCost,
  dGain,
  query,
  from,
  to,
}
/** `solve/front.ts` */
export enum FrontLists {
  cost,
  accuracy,
  lambda,
}
/** `solve/rebuild.ts` */
export enum Sweep {
  steps,
  queries,
  efficiency,
  dCost,
  dGain,
  query,
  start,
  ranks,
  applied,
  reach,
  sums,
  candidates,
}
/** `solve/points.ts` */
export enum PointSet {
  cost,
  accuracy,
  points,
}
/** `solve/states.ts` */
export enum Extension {
  cost,
  gain,
  states,
  optionCost,
  optionGain,
  options,
  heads,
  nextCost,
  nextGain,
  parent,
  taken,
}
/** `solve/archive.ts` */
export enum Archive {
  capacity,
  queries,
  start,
  optionCost,
  optionGain,
  order,
  free,
  cost,
  gain,
  isSupported,
  allocation,
  count,
  supported,
  thinnings,
  distance,
}
/** `solve/search.ts` */
export enum Search {
  archive,
  random,
  choices,
  choiceCount,
  part,
  parts,
  current,
  next,
  destroyed,
  widths,
  digits,
  candidates,
  dCost,
  dGain,
  sumCost,
  sumGain,
}
/** `solve/constraints/priced.ts` */
export enum Priced {
  models,
  stride,
  columns,
  column,
  isWide,
  classes,
  weight,
  coefficient,
  narrow,
  termStart,
  terms,
  rows,
  table,
  values,
  near,
  value,
  share,
  mean,
  amount,
  isSeen,
  seen,
  listed,
}
/** `solve/constraints/round.ts` */
export enum RoundState {
  deficit,
  norm,
  allocation,
  sums,
  several,
}
/** `solve/constraints/candidates.ts` */
export enum Candidates {
  allocation,
  kinds,
  keep,
  count,
  most,
  loss,
  query,
  listed,
  room,
  length,
}
/** `solve/constraints/rebuild.ts` */
export enum Neighbourhood {
  queries,
  start,
  loss,
  amountStart,
  amountRow,
  amount,
  current,
  rows,
  slack,
  price,
  penalty,
  sums,
  random,
  destroyed,
  tried,
  best,
  least,
  room,
  scratch,
  nodeLimit,
  nodes,
}
/** `predict/sparse.ts` */
export enum SparseRows {
  rows,
  start,
  column,
  value,
}
/** `predict/sparse.ts` */
export enum Postings {
  denseRow,
  dense,
  denseRows,
  first,
  row,
  value,
  others,
}
/** `predict/postings.ts` */
export enum ColumnLists {
  first,
  row,
  value,
}
/** `predict/postings.ts` */
export enum ColumnSteps {
  chosen,
  scale,
  count,
  basis,
  width,
  step,
  sum,
  byte,
  factor,
}
/** `predict/sparseTexts.ts` */
export enum TextRows {
  scale,
  scratch,
  rowStart,
  column,
  value,
}
/** `predict/sumTexts.ts` */
export enum TextSums {
  buckets,
  scratch,
  bytes,
  byteCount,
  byteColumns,
  reals,
  firstReal,
  realCount,
  realColumns,
  kept,
  slots,
  out,
}
/** `predict/neighbours.ts` */
export enum Neighbours {
  row,
  rows,
  columns,
  k,
  nearest,
  index,
  scratch,
}
/** `predict/votes.ts` */
export enum Votes {
  near,
  closeness,
  listed,
  weight,
  wanted,
  rate,
  fits,
  rows,
  ballot,
  models,
  width,
  isComplete,
  scratch,
  out,
  isShort,
}
/** `predict/logOdds.ts` */
export enum Replicates {
  member,
  members,
  weight,
  base,
  slope,
  period,
  origin,
  mean,
  sum,
  squares,
}
/** `predict/trees.ts` */
export enum Forest {
  columns,
  models,
  root,
  trees,
  node,
  vector,
  width,
}
/** `predict/grow.ts` */
export enum Growth {
  value,
  allRows,
  columns,
  target,
  stride,
  width,
  isPartial,
  square,
  order,
  rows,
  candidates,
  maxDepth,
  isBest,
  minLeaf,
  prior,
  random,
  shuffled,
  values,
  keys,
  near,
  stack,
  total,
  left,
  cut,
  column,
  threshold,
  next,
  estimate,
}
