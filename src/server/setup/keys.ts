import { hash as digestOf, timingSafeEqual } from "node:crypto";
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

/** The keys of a configuration, of which only the hashes are known. */
export class Keys {
  private readonly entries: { hash: Buffer; caller: Caller }[];
  private readonly anybody: Caller | undefined;

  /** `before`: rates go on where a key and its rate stay. */
  constructor(keys: readonly KeyConfig[] | undefined, policies: readonly string[], before?: Keys) {
    this.anybody =
      keys === undefined ? { name: undefined, policies, models: undefined, rate: undefined } : undefined;
    this.entries = (keys ?? []).map((key) => ({
      hash: Buffer.from(key.sha256, "hex"),
      caller: {
        name: key.name,
        policies: key.policies,
        models: key.models && new Set(key.models),
        rate: rateOf(key, before),
      },
    }));
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
    const hash = digestOf("sha256", token, "buffer");
    let found: Caller | undefined;
    for (const entry of this.entries) if (timingSafeEqual(entry.hash, hash)) found = entry.caller;
    if (found === undefined) throw new ApiError(401, "invalid_api_key", "the API key is not known");
    return found;
  }

  /** The rate of a key, by its name. */
  rateOf(name: string): Rate | undefined {
    return this.entries.find(({ caller }) => caller.name === name)?.caller.rate;
  }
}

function rateOf({ name, requestsPerMinute }: KeyConfig, before: Keys | undefined): Rate | undefined {
  if (requestsPerMinute === undefined) return undefined;
  const old = before?.rateOf(name);
  return old?.perMinute === requestsPerMinute ? old : new Rate(requestsPerMinute);
}
