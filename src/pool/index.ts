export { coreFor, inline, Pool, sharedCore, wasmMemoryBytes, type Runner } from "./pool.js";
export { shards } from "./jobs.js";
export { reply } from "./reply.js";
