/** The public names of `optllm/cluster`: work in parts, planned by as many processes as take its tasks, with the answer of one. */
export { OptllmError, InputError, CoreError, OverloadedError, type ErrorCode } from "../errors.js";
export { createRun, readRun, type InputFile, type PlannedFile, type Run } from "../cluster/run.js";
export { PART_FORMATS, type RunBatch, type RunBatchFiles, type RunOptions } from "../cluster/options.js";
export { finishRun, type Manifest } from "../cluster/plan.js";
export { onThreads, type Dispatcher, type DispatchOptions } from "../cluster/dispatch.js";
export { onQueue } from "../cluster/queue/dispatch.js";
export {
  startWorker,
  type ClusterWorker,
  type TaskEvent,
  type WorkerOptions,
} from "../cluster/queue/worker.js";
export { cancelRun, reopenRun, statusOf, type RunStatus } from "../cluster/status.js";
export type { BatchTarget } from "../write/batches/exportBatches.js";
export type { NewRates } from "../prices/ownPrices.js";
export type { StepProgress } from "../cluster/progress.js";
export type { Emitted } from "../cluster/steps/emit.js";
