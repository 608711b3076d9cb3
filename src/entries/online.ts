/** The public names of `optllm/online`: decisions for one request at a time. */
export { OptllmError, InputError, CoreError, type ErrorCode } from "../errors.js";
export { loadScorer, type Scorer, type ScorerOptions } from "../online/scorer.js";
export { createRouter, type BudgetStatus, type Hold, type Router } from "../online/router.js";
export type { KeyOptions, RouterOptions } from "../online/options.js";
export type { ModelOptions } from "../online/models.js";
export type { Ending, RouteRequest, Settlement } from "../online/request.js";
export {
  explain,
  type Decision,
  type Exclusion,
  type Fallback,
  type Reason,
  type Refusal,
} from "../online/decision.js";
export type { BudgetOptions } from "../online/pacing/budget.js";
export type { Period } from "../online/pacing/periods.js";
export type { Policy } from "../online/policy.js";
export { openJournal, type JournalOptions } from "../online/ledger/journal.js";
export type { Account, Balance, Ledger } from "../online/ledger/ledger.js";
