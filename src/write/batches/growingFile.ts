import { createHash, type Hash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

const CHUNK_CHARS = 2 ** 18;

/** A new file that grows by texts; a little text is in memory at any time. */
export class GrowingFile {
  bytes = 0;
  private readonly hash: Hash = createHash("sha256");
  private waiting: string[] = [];
  private waitingChars = 0;

  private constructor(private readonly handle: FileHandle) {}

  static async begin(path: string): Promise<GrowingFile> {
    return new GrowingFile(await open(path, "wx"));
  }

  async put(text: string): Promise<void> {
    this.bytes += Buffer.byteLength(text);
    this.waiting.push(text);
    this.waitingChars += text.length;
    if (this.waitingChars >= CHUNK_CHARS) await this.flush();
  }

  /** Completes the file; its SHA-256. */
  async close(): Promise<string> {
    await this.flush();
    await this.handle.close();
    return this.hash.digest("hex");
  }

  /** Gives the file up, after an error. */
  async abandon(): Promise<void> {
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.from(this.waiting.join(""));
    this.waiting = [];
    this.waitingChars = 0;
    this.hash.update(bytes);
    await this.handle.writeFile(bytes);
  }
}
