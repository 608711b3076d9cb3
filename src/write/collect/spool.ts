import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK = 2 ** 20;

/** Texts on disk, each found again by its row; in memory are a place and a length for each row. */
export class Spool {
  private readonly from: Float64Array;
  private readonly length: Float64Array;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private written = 0;

  private constructor(
    private readonly file: FileHandle,
    rows: number,
  ) {
    this.from = new Float64Array(rows);
    this.length = new Float64Array(rows);
  }

  /** Runs `work` with an empty spool, which is removed at the end. */
  static async use<T>(rows: number, work: (spool: Spool) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "optllm-collect-"));
    try {
      const file = await open(join(folder, "answers"), "wx+");
      try {
        return await work(new Spool(file, rows));
      } finally {
        await file.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Keeps the text of a row, in place of the one before. */
  async put(row: number, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.from[row] = this.written + this.waitingBytes;
    this.length[row] = bytes.length;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= CHUNK) await this.flush();
  }

  async get(row: number): Promise<string> {
    if (this.waitingBytes > 0) await this.flush();
    const bytes = Buffer.alloc(this.length[row]);
    await this.file.read(bytes, 0, bytes.length, this.from[row]);
    return bytes.toString();
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    await this.file.write(bytes, 0, bytes.length, this.written);
    this.written += bytes.length;
  }
}
