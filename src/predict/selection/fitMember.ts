import type { Examples } from "../methods/examples.js";
import type { MethodKind, Setting } from "../methods/method.js";
import { methodOf } from "../methods/methods.js";
import { runTasks } from "../runTasks.js";
import type { RunningOptions } from "../../pool/running.js";
import { share } from "../share.js";
import type { Member } from "../state.js";

/**
 * Fits a chosen member to all examples, with the setting of the final fit. Uses the pool if there is one and the method
 * has parts; this does not change the result.
 */
export async function fitMember(
  { kind, setting }: { kind: MethodKind; setting: Setting },
  examples: Examples,
  seed: number,
  options: RunningOptions,
): Promise<Member> {
  const method = methodOf(kind);
  const kept = method.fuller?.(setting) ?? setting;
  const { inParts } = method;
  if (inParts === undefined) {
    const prepared = method.prepare(examples.features, examples.models);
    return { kind, setting: kept, learned: method.fit(examples, prepared, kept, seed) };
  }
  const count = inParts.count(kept);
  const parts = await runTasks<unknown>(
    count,
    {
      pooled() {
        const task = { kind: "part" as const, examples: share(examples), method: kind, setting: kept, seed };
        return (part) => ({ ...task, part });
      },
      here() {
        return function* (part) {
          yield;
          return inParts.fit(examples, kept, seed, part);
        };
      },
    },
    options,
    (done) => options.onProgress?.({ phase: kind, done, total: count }),
  );
  return { kind, setting: kept, learned: inParts.join(parts) };
}
