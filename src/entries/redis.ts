/** The public names of `optllm/online/redis`: a ledger in Redis that several processes share. */
export { OptllmError, InputError, CoreError, type ErrorCode } from "../errors.js";
export { openRedisLedger, type RedisLedgerOptions } from "../online/ledger/redis/ledger.js";
export type { RedisClient } from "../online/ledger/redis/client.js";
export type { Account, Balance, Ledger, SharedPace } from "../online/ledger/ledger.js";
