import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** Real data, statistics over many samples, all random inputs: `npm run test:long` runs these files alone. */
const LONG = "test/**/*.long.test.ts";

export default defineConfig(({ mode }) => {
  const isLong = mode === "long";
  return {
    test: {
      include: [isLong ? LONG : "test/**/*.test.ts"],
      exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, LONG],
      env: { OPTLLM_LONG: isLong ? "1" : "" },
      // Only a hang is to end a test, not a slow machine.
      testTimeout: isLong ? 3_600_000 : 300_000,
      hookTimeout: 300_000,
      expect: { poll: { timeout: 60_000 } },
      // Vitest leaves a core idle, which is half of a small machine.
      maxWorkers: Math.max(2, availableParallelism() - 1),
    },
  };
});
