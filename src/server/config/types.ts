import type { BudgetOptions } from "../../online/pacing/budget.js";
import type { Rates } from "../../prices/price.js";

/** Where a server listens. */
export interface Address {
  /** Default 127.0.0.1. */
  host?: string;
  /** 0: any that is free. Default 8080, for administration 9090. */
  port?: number;
}

/** A service that answers. */
export interface UpstreamConfig {
  /** Its protocol. Default openai. */
  kind?: "openai" | "anthropic";
  /** The address up to the version, such as https://api.openai.com/v1. */
  baseUrl: string;
  /** The environment variable that holds its key. Default: no key is sent. */
  keyEnv?: string;
  /** Requests at the same time. Default 200. */
  maxInFlight?: number;
  /** Default 10. */
  connectSeconds?: number;
  /** Seconds until an answer begins. Default 300. */
  firstByteSeconds?: number;
  /** Seconds between two parts of an answer. Default 60. */
  idleSeconds?: number;
  /** Whether it knows `stream_options.include_usage`. Default true. */
  streamUsage?: boolean;
  /** Whether it has the endpoint /responses. Default false. */
  responses?: boolean;
  /** Whether it is sent the header traceparent, so that its spans join those of the server. Default false. */
  passTrace?: boolean;
}

/** A model that requests are sent to. */
export interface ModelConfig {
  /** One of `upstreams`. */
  upstream: string;
  /** Its name at the upstream. Default: as here. */
  id?: string;
  /** What it is for. Default chat. */
  serves?: "chat" | "embeddings";
  /** Dollars per million tokens, or from the price table. Default auto. */
  price?: "auto" | Rates;
  /** Tokens of input and output together. Default: from the price table. */
  context?: number;
  /** Tokens of the longest answer. Default: unlimited. */
  maxOutput?: number;
  /** What it can do: tools, images, json, reasoning, audio, files. Default tools and json. */
  can?: string[];
  /** What the upstream calls the limit of an answer. Default: as the client wrote it. */
  maxTokensField?: "max_tokens" | "max_completion_tokens";
}

/** What to decide by; at least one of `budget`, `lambda`, `accuracy` and `plan`. */
export interface PolicyConfig {
  budget?: BudgetOptions;
  /** Probability per dollar. */
  lambda?: number;
  /** Mean success probability to reach at the least cost, 0 … 1. */
  accuracy?: number;
  /** Path of a file that `optllm solve --policy-out` wrote. */
  plan?: string;
  /** Default: all models that serve chat, or those of the plan. */
  models?: string[];
  /** "reject" (default), or a model whose price is 0. */
  onExhausted?: string;
  /** Share of the requests that go to a random eligible model, 0 … 1. Default 0. */
  explore?: number;
  /** Longest answer where a request sets none, in tokens. */
  maxTokens?: number;
}

/** Who may ask. */
export interface KeyConfig {
  name: string;
  /** SHA-256 of the key in hexadecimal digits. */
  sha256: string;
  /** Names of policies; the first is the one of model `auto`. */
  policies: string[];
  /** Default: all models of its policies. */
  models?: string[];
  /** Default: unlimited. */
  requestsPerMinute?: number;
  budget?: BudgetOptions;
  /** One of `groups`. */
  group?: string;
}

/** Limits of each request. */
export interface Limits {
  /** Default 20 MiB. */
  bodyBytes: number;
  /** Default 64. */
  jsonDepth: number;
  /** All attempts together. Default 600. */
  deadlineSeconds: number;
  /** What open requests have when the server ends. Default 30. */
  drainSeconds: number;
  /** Problems of /v1/solve that may wait for a thread. Default 32. */
  solveQueue: number;
}

/** Where money, and what was learned, is kept. */
export interface StateConfig {
  /** Default memory, which is lost when the process ends. `redis`: money that several servers share. */
  kind?: "memory" | "file" | "redis";
  /** A folder, of kind file. */
  path?: string;
  /** The environment variable that holds the address of Redis, of kind redis. */
  urlEnv?: string;
  /** Begins the name of every key in Redis. Default optllm. */
  prefix?: string;
}

/** The log of decisions, which `optllm replay` and `optllm refit` read. */
export interface LogConfig {
  /** A file of JSON lines. */
  path: string;
  /** What a file becomes when a new one is begun: PATH.1, …, JSON lines, or PATH.1.parquet, …. Default jsonl. */
  format?: "jsonl" | "parquet";
  /** Whether it has the texts of requests, which may be private. Default false. */
  texts?: boolean;
  /** Bytes after which a new file is begun. Default 64 MiB. */
  maxBytes?: number;
  /** The newest files that are kept. Default: all. */
  maxFiles?: number;
}

/** The configuration of a server, as its file has it. `config.schema.json` in this package describes it to editors. */
export interface ServerConfig {
  version: 1;
  /** Path of a file that `optllm fit` wrote. */
  predictor: string;
  /** Path of a price file that overrides the built-in prices. */
  prices?: string;
  listen?: Address;
  /** Metrics and administration; false: none. */
  admin?: Address | false;
  upstreams: Record<string, UpstreamConfig>;
  models: Record<string, ModelConfig>;
  policies: Record<string, PolicyConfig>;
  /** Default: everybody who reaches the address, which must then be a loopback address. */
  keys?: KeyConfig[];
  /** Budgets that several keys share. */
  groups?: Record<string, { budget: BudgetOptions }>;
  state?: StateConfig;
  /** Default: decisions are not logged. */
  log?: LogConfig;
  limits?: Partial<Limits>;
}

type Filled<T, K extends keyof T> = T & Required<Pick<T, K>>;

/** An upstream with the defaults of the schema. */
export type Upstream = Filled<
  UpstreamConfig,
  | "kind"
  | "maxInFlight"
  | "connectSeconds"
  | "firstByteSeconds"
  | "idleSeconds"
  | "streamUsage"
  | "responses"
  | "passTrace"
>;
export type Model = Filled<ModelConfig, "price" | "serves" | "can">;
export type Policy = Filled<PolicyConfig, "onExhausted" | "explore">;

/** A configuration that was checked, with the defaults of the schema. */
export interface CheckedConfig extends ServerConfig {
  listen: Required<Address>;
  admin: Required<Address> | false;
  upstreams: Record<string, Upstream>;
  models: Record<string, Model>;
  policies: Record<string, Policy>;
  groups: Record<string, { budget: BudgetOptions }>;
  state: Filled<StateConfig, "kind">;
  limits: Limits;
}
