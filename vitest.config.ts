import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Real data, statistics over many samples, all random inputs: `npm run test:long` runs these files alone. */
const LONG = "test/**/*.long.test.ts";

/** Short texts that take long: they start first, so that at the end no processor waits for one of them. */
const LONGEST = ["contract/pages", "contract/package", "contract/readme"];
const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONGEST.findIndex((name) => moduleId.includes(name));
  return rank === -1 ? LONGEST.length : rank;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig(({ mode }) => {
  const isLong = mode === "long";
  return {
    test: {
      include: [isLong ? LONG : "test/**/*.test.ts"],
      exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, LONG],
      // Files share two processes, one after another: starting one and reading the modules in it takes as long as the
      // tests of many files. A test gives back what it changes (working folder, variables of the environment, globals).
      pool: "forks",
      isolate: false,
      globalSetup: "test/store.ts",
      sequence: { sequencer: LongestFirst },
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
