/** The public names of `optllm/online`: decisions for one request at a time. */
export { OptllmError, InputError, CoreError, type ErrorCode } from "../errors.js";
export {
  loadScorer,
  type RequestFeatures,
  type Scorer,
  type ScorerOptions,
  type TextAndVector,
} from "../online/scorer.js";
export { createRouter, type BudgetStatus, type Hold, type Router } from "../online/router.js";
export type { KeyOptions, RouterOptions } from "../online/options.js";
export type { ModelOptions } from "../online/models.js";
export type { Ending, RouteRequest, Settlement } from "../online/request.js";
export {
  explain,
  type Decision,
  type Excluded,
  type Exclusion,
  type Fallback,
  type Reason,
  type Refusal,
} from "../online/decision.js";
export type { BudgetOptions } from "../online/pacing/budget.js";
export type { Period } from "../online/pacing/periods.js";
export type { Policy } from "../online/policy.js";
export type { LimitStatus } from "../online/limits/capacities.js";
export type { Amounts, PolicyLimit } from "../online/limits/policyLimit.js";
export type { Alarm } from "../online/feedback/alarms.js";
export type { Correction } from "../online/feedback/calibration.js";
export { logDecisions, type DecisionLogWriter, type LogOptions } from "../online/log/writer.js";
export { readDecisions, type LoggedDecisions } from "../online/log/reader.js";
export type { ReadLogOptions } from "../online/log/records.js";
export type { LoggedRequest } from "../online/log/join.js";
export type {
  DecisionLog,
  DecisionRecord,
  FeedbackRecord,
  LogRecord,
  RefusalRecord,
  SettlementRecord,
} from "../online/log/record.js";
export type { Unseen } from "../predict/unseen.js";
export { openJournal, type JournalOptions } from "../online/ledger/journal.js";
export { estimatePolicy, type PolicyEstimate } from "../online/offPolicy/estimatePolicy.js";
export type { Estimate, Estimates, NotEnough } from "../online/offPolicy/estimators.js";
export type { TargetPolicy } from "../online/offPolicy/target.js";
export type { Account, Balance, Ledger, SharedPace } from "../online/ledger/ledger.js";
export { refit, type Refit, type RefitOptions } from "../online/offPolicy/refit.js";
