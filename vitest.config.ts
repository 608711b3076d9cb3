import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** Runs that take long: real data, many random inputs. `npm run test:long` runs these alone. */
const LONG = "test/**/*.long.test.ts";
const isLong = process.env.OPTLLM_LONG === "1";

export default defineConfig({
  test: {
    include: [isLong ? LONG : "test/**/*.test.ts"],
    exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, LONG],
    // Only a hang is to end a test, not a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Vitest leaves a core idle, which is half of a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
