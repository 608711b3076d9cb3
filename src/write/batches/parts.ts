import { join } from "node:path";
import { InputError } from "../../errors.js";
import { GrowingFile } from "./growingFile.js";

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
  /** Input tokens of all requests together; default: no limit. */
  maxTokens?: number;
}

/** A complete file. */
export interface Part {
  /** Path within the folder. */
  file: string;
  requests: number;
  bytes: number;
  sha256: string;
  /** Dollars; null where a request has no known cost. */
  expectedCost: number | null;
  /** Input tokens, where they were counted. */
  inputTokens?: number;
}

/** One request as a file holds it. */
export interface PartRequest {
  text: string;
  /** Dollars; NaN if not known. */
  cost: number;
  /** Input tokens, where they are counted. */
  tokens?: number;
}

interface OpenPart {
  handle: GrowingFile;
  file: string;
  requests: number;
  cost: number;
  tokens: number;
}

/** Writes requests into the files NAME-001, NAME-002, … of a folder, each within its limits. */
export class PartWriter {
  readonly parts: Part[] = [];
  private current: OpenPart | undefined;

  /** `name`: the files' path within the folder, without number and ending. */
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly form: PartForm,
  ) {}

  /**
   * Adds a request and returns its file.
   *
   * @throws InputError for a request that is larger than a file may be.
   */
  async add({ text, cost, tokens = 0 }: PartRequest): Promise<string> {
    const { form } = this;
    const { maxTokens = Infinity } = form;
    const bytes = Buffer.byteLength(text);
    const frame = form.open.length + form.close.length;
    if (frame + bytes > form.maxBytes) refuse(bytes, "bytes", form.maxBytes);
    if (tokens > maxTokens) refuse(tokens, "tokens", maxTokens);
    const { current } = this;
    const isFull =
      current !== undefined &&
      (current.requests === form.maxRequests ||
        current.tokens + tokens > maxTokens ||
        current.handle.bytes + form.between.length + bytes + form.close.length > form.maxBytes);
    if (isFull) await this.close();
    const part = (this.current ??= await this.begin());
    await part.handle.put(part.requests === 0 ? text : form.between + text);
    part.requests++;
    part.cost += cost;
    part.tokens += tokens;
    return part.file;
  }

  /** Completes the last file. */
  async close(): Promise<void> {
    const part = this.current;
    if (part === undefined) return;
    const { file, handle, requests, cost, tokens } = part;
    await handle.put(this.form.close);
    const sha256 = await handle.close();
    this.current = undefined;
    this.parts.push({
      ...{ file, requests, bytes: handle.bytes, sha256, expectedCost: shortCost(cost) },
      ...(this.form.maxTokens !== undefined && { inputTokens: tokens }),
    });
  }

  /** Gives up the open file, after an error. */
  async abandon(): Promise<void> {
    await this.current?.handle.abandon();
    this.current = undefined;
  }

  private async begin(): Promise<OpenPart> {
    const number = String(this.parts.length + 1).padStart(3, "0");
    const file = `${this.name}-${number}${this.form.ending}`;
    const handle = await GrowingFile.begin(join(this.folder, file));
    await handle.put(this.form.open);
    return { handle, file, requests: 0, cost: 0, tokens: 0 };
  }
}

function refuse(found: number, unit: string, most: number): never {
  throw new InputError(`a request of ${found} ${unit} is larger than a file may be (${most} ${unit})`, {
    [unit]: found,
  });
}

/** Dollars without the last digits, in which a float64 sum differs from a decimal one; null if not known. */
export function shortCost(dollars: number): number | null {
  return Number.isNaN(dollars) ? null : Number(dollars.toPrecision(12));
}
