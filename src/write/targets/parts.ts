import { createHash, type Hash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";

const CHUNK_CHARS = 2 ** 18;

/** The form of a file of requests, and its limits. */
export interface PartForm {
  /** Text before the first request, between two, and after the last. */
  open: string;
  between: string;
  close: string;
  /** With the dot. */
  ending: string;
  maxRequests: number;
  maxBytes: number;
}

/** A complete file. */
export interface Part {
  file: string;
  requests: number;
  bytes: number;
  sha256: string;
  /** Dollars; null where a request has no known cost. */
  expectedCost: number | null;
}

interface OpenPart {
  handle: FileHandle;
  hash: Hash;
  file: string;
  requests: number;
  bytes: number;
  cost: number;
  /** Text that is not written yet. */
  waiting: string[];
  waitingChars: number;
}

/** Writes requests into the files NAME-001, NAME-002, … of a folder, each within its limits. */
export class PartWriter {
  readonly parts: Part[] = [];
  private current: OpenPart | undefined;

  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly form: PartForm,
  ) {}

  /**
   * Adds a request; `cost` in dollars, NaN if not known.
   *
   * @throws InputError for a request that is larger than a file may be.
   */
  async add(text: string, cost: number): Promise<void> {
    const { form } = this;
    const bytes = Buffer.byteLength(text);
    const frame = form.open.length + form.close.length;
    if (frame + bytes > form.maxBytes)
      throw new InputError(
        `a request of ${bytes} bytes is larger than a file may be (${form.maxBytes} bytes)`,
        {
          bytes,
        },
      );
    const { current } = this;
    const isFull =
      current !== undefined &&
      (current.requests === form.maxRequests ||
        current.bytes + form.between.length + bytes + form.close.length > form.maxBytes);
    if (isFull) await this.close();
    const part = (this.current ??= await this.begin());
    await this.put(part, part.requests === 0 ? text : form.between + text);
    part.requests++;
    part.cost += cost;
  }

  /** Completes the last file. */
  async close(): Promise<void> {
    const part = this.current;
    if (part === undefined) return;
    await this.put(part, this.form.close);
    await this.flush(part);
    await part.handle.close();
    this.current = undefined;
    const { file, requests, bytes, cost } = part;
    const expectedCost = shortCost(cost);
    this.parts.push({ file, requests, bytes, sha256: part.hash.digest("hex"), expectedCost });
  }

  /** Gives up the open file, after an error. */
  async abandon(): Promise<void> {
    await this.current?.handle.close();
    this.current = undefined;
  }

  private async begin(): Promise<OpenPart> {
    const number = String(this.parts.length + 1).padStart(3, "0");
    const file = `${this.name}-${number}${this.form.ending}`;
    const handle = await open(join(this.folder, file), "wx");
    const part: OpenPart = {
      ...{ handle, file, hash: createHash("sha256") },
      ...{ requests: 0, bytes: 0, cost: 0, waiting: [], waitingChars: 0 },
    };
    await this.put(part, this.form.open);
    return part;
  }

  private async put(part: OpenPart, text: string): Promise<void> {
    part.bytes += Buffer.byteLength(text);
    part.waiting.push(text);
    part.waitingChars += text.length;
    if (part.waitingChars >= CHUNK_CHARS) await this.flush(part);
  }

  private async flush(part: OpenPart): Promise<void> {
    const bytes = Buffer.from(part.waiting.join(""));
    part.waiting = [];
    part.waitingChars = 0;
    part.hash.update(bytes);
    await part.handle.writeFile(bytes);
  }
}

/** Dollars without the last digits, in which a float64 sum differs from a decimal one; null if not known. */
export function shortCost(dollars: number): number | null {
  return Number.isNaN(dollars) ? null : Number(dollars.toPrecision(12));
}
