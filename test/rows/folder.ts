import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterAll } from "vitest";

/** A folder for the files of one test file, removed after its tests. */
export function temporaryFolder(): {
  path: string;
  write: (name: string, content: string | Uint8Array) => string;
} {
  const path = mkdtempSync(join(tmpdir(), "optllm-test-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return { path, write };
}

/** Runs `task` while standard input delivers these chunks. */
export async function withStdin<T>(chunks: Iterable<Uint8Array>, task: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(process, "stdin") as PropertyDescriptor;
  const value = Readable.from(Array.from(chunks, (chunk) => Buffer.from(chunk)));
  Object.defineProperty(process, "stdin", { value, configurable: true });
  try {
    return await task();
  } finally {
    Object.defineProperty(process, "stdin", before);
  }
}
