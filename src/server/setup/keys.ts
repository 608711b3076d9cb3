import { hash as digestOf } from "node:crypto";
import { ApiError } from "../http/apiError.js";
import type { KeyConfig } from "../config/types.js";
import { Rate } from "./rate.js";

/** Who asks. */
export interface Caller {
  /** Undefined where no keys are configured. */
  name: string | undefined;
  /** Names of policies; the first is the one of model `auto`. */
  policies: readonly string[];
  models: ReadonlySet<string> | undefined;
  rate: Rate | undefined;
}

/** Words of 32 bits in a SHA-256. */
const WORDS = 8;

/** The keys of a configuration, of which only the hashes are known. */
export class Keys {
  private readonly callers: Caller[];
  /** The hashes of the keys one after another, in words of 32 bits. */
  private readonly hashes: Int32Array;
  private readonly anybody: Caller | undefined;

  /** `before`: rates go on where a key and its rate stay. */
  constructor(keys: readonly KeyConfig[] | undefined, policies: readonly string[], before?: Keys) {
    this.anybody =
      keys === undefined ? { name: undefined, policies, models: undefined, rate: undefined } : undefined;
    this.callers = (keys ?? []).map((key) => ({
      name: key.name,
      policies: key.policies,
      models: key.models && new Set(key.models),
      rate: rateOf(key, before),
    }));
    this.hashes = wordsOf(Buffer.concat((keys ?? []).map(({ sha256 }) => Buffer.from(sha256, "hex"))));
  }

  /**
   * The caller with this `authorization` header. Every key is compared, in constant time.
   *
   * @throws ApiError 401.
   */
  find(authorization: string | undefined): Caller {
    if (this.anybody !== undefined) return this.anybody;
    const token = /^Bearer[ \t]+(\S+)[ \t]*$/i.exec(authorization ?? "")?.[1];
    if (token === undefined)
      throw new ApiError(401, "invalid_api_key", "no API key; send the header `authorization: Bearer KEY`");
    const found = this.indexOf(wordsOf(digestOf("sha256", token, "buffer")));
    if (found < 0) throw new ApiError(401, "invalid_api_key", "the API key is not known");
    return this.callers[found];
  }

  /** The rate of a key, by its name. */
  rateOf(name: string): Rate | undefined {
    return this.callers.find((caller) => caller.name === name)?.rate;
  }

  /** All words of all hashes are compared, wherever they differ. */
  private indexOf(hash: Int32Array): number {
    const { hashes } = this;
    let found = -1;
    for (let k = 0; k < this.callers.length; k++) {
      let difference = 0;
      for (let w = 0; w < WORDS; w++) difference |= hashes[k * WORDS + w] ^ hash[w];
      if (difference === 0) found = k;
    }
    return found;
  }
}

function rateOf({ name, requestsPerMinute }: KeyConfig, before: Keys | undefined): Rate | undefined {
  if (requestsPerMinute === undefined) return undefined;
  const old = before?.rateOf(name);
  return old?.perMinute === requestsPerMinute ? old : new Rate(requestsPerMinute);
}

function wordsOf(bytes: Buffer): Int32Array {
  return new Int32Array(new Uint8Array(bytes).buffer);
}
