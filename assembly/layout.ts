// Constants that both compilers read; nothing else may stand here.

/** Raised whenever a kernel's signature or a buffer's layout changes: the host compares it on load. */
export const ABI = 15;
/** Allocations are bytes, and 255 of them name a model. */
export const MAX_MODELS = 255;
/** Queries handled side by side: float32 lanes of a v128. Blocks are padded to a multiple of it. */
export const LANES = 4;
/** Efficiency buckets: the top 16 bits of a positive float32 without its sign. */
export const BUCKETS = 65536;
/** Bits of a float32 that a bucket ignores. */
export const BUCKET_SHIFT = 15;
/** Options (queries × models) of one block: two float32 matrices of 256 KiB stay in the cache. */
export const BLOCK_OPTIONS = 65536;
/** Bytes of scratch that the transposed group of four queries needs: 256 models × (cost, probability) × 16. */
export const GROUP_BYTES = 8192;
/** Digits of the selection in `destroy`: 16 bits of a float64. */
export const SELECT_DIGITS = 65536;
/** Queries that one step of the search unassigns at most. */
export const SEARCH_DESTROYED = 8;
/** Combinations of options that one step of the search tries at most. */
export const SEARCH_COMBINATIONS = 256;
/** Buckets of hashed n-grams, a power of two. */
export const NGRAM_BUCKETS = 1048576;
/** UTF-16 code units of one text that the kernels read at most. */
export const MAX_UNITS = 8001;
/** Units of the longest token whose sum is kept. */
export const KEPT_TOKEN = 31;
/** Places for the distinct tokens of one text, a power of two, more than twice as many as there can be. */
export const SEEN_SLOTS = 16384;
/** Numbers of a matrix's row that are added up side by side where rows were found first: one panel of dense columns. */
export const PANEL = 16;
