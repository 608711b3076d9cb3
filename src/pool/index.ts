export { inline, Pool, sharedCore, type Runner } from "./pool.js";
export { shards } from "./jobs.js";
