/** The public names of `optllm/server`: requests over HTTP. */
export { OptllmError, InputError, CoreError, type ErrorCode } from "../errors.js";
export { createServer, type Addresses, type Server, type ServerOptions } from "../server/server.js";
export type { Outcome } from "../server/proxy/call.js";
export { readConfig } from "../server/config/read.js";
export type {
  Address,
  KeyConfig,
  Limits,
  LogConfig,
  ModelConfig,
  PolicyConfig,
  ServerConfig,
  StateConfig,
  UpstreamConfig,
} from "../server/config/types.js";
