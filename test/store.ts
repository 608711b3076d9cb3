import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of `stored`. */
    store: string;
  }
}

/** Makes the folder of a run in which test files share what takes long to make, and removes it at the end. */
export default function setup({ provide }: TestProject): () => void {
  const store = mkdtempSync(join(tmpdir(), "optllm-store-"));
  provide("store", store);
  return () => rmSync(store, { recursive: true });
}
