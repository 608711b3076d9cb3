export { coreFor, inline, Pool, sharedCore, wasmMemoryBytes, type Runner } from "./pool.js";
export { shards, type JobOf, type JobResults } from "./jobs.js";
export { reply } from "./reply.js";
