/** The public names of `optllm/online`: decisions for one request at a time. */
export { OptllmError, InputError, CoreError, type ErrorCode } from "../errors.js";
export { loadScorer, type Scorer, type ScorerOptions } from "../online/scorer.js";
