import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Only a hang is to end a test, not a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Vitest leaves a core idle, which is half of a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
