import type { Reply } from "../upstream/upstream.js";

/**
 * All of a body, up to a limit; rejects with a RangeError for a longer one, of which no more is read. By events, which
 * cost less than an iterator.
 */
export function readAll(body: Reply["body"], most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    body.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > most) body.destroy(new RangeError("the answer is too long"));
    });
    body.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    body.on("error", reject);
    body.on("close", () => reject(new Error("the answer broke off")));
  });
}

/** The beginning of a body; the rest is not read. */
export async function readHead(body: Reply["body"], most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, Math.min(size, most));
}

const WRITTEN = new Set([
  "content",
  "text",
  "arguments",
  "refusal",
  "reasoning_content",
  "reasoning",
  "name",
]);

/** What a model wrote in an answer: the texts of which tokens are counted. */
export function writtenText(answer: unknown): string {
  const texts: string[] = [];
  const visit = (value: unknown, isWritten: boolean): void => {
    if (typeof value === "string") {
      if (isWritten) texts.push(value);
    } else if (Array.isArray(value)) value.forEach((part) => visit(part, isWritten));
    else if (typeof value === "object" && value !== null)
      for (const [field, part] of Object.entries(value)) visit(part, WRITTEN.has(field));
  };
  const { choices, output } = (answer ?? {}) as { choices?: unknown; output?: unknown };
  visit(choices ?? output, false);
  return texts.join("");
}
