import type { FileHandle } from "node:fs/promises";
import { beginsWith } from "../../text/bytes.js";
import { grown, type ReadBuffers } from "./buffers.js";

/** The largest page, as packed and as unpacked, and the largest footer: 256 MiB. */
export const SIZE_LIMIT = 2 ** 28;
const WINDOW = 2 ** 18;

/** A part of a file that is read from beginning to end, a window at a time. */
export class FileWindow {
  /** Where in the file the window begins, and how many bytes of it are read. */
  private start: number;
  private filled = 0;

  /** @param at Where the part begins; moves on as bytes are skipped. @param end Where it ends. */
  constructor(
    private readonly handle: FileHandle,
    private readonly buffers: ReadBuffers,
    private at: number,
    private readonly end: number,
  ) {
    this.start = at;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** The next bytes: `length` or more, unless fewer are left. Valid until the next call. */
  async peek(length: number): Promise<Buffer> {
    if (length > SIZE_LIMIT) throw new Error("a page is larger than 256 MiB");
    const wanted = Math.min(length, this.left);
    if (this.start + this.filled < this.at + wanted) await this.read(wanted);
    return this.buffers.window.subarray(this.at - this.start, this.filled);
  }

  skip(length: number): void {
    this.at += length;
  }

  private async read(wanted: number): Promise<void> {
    const { handle, buffers } = this;
    const kept = Math.max(0, this.start + this.filled - this.at);
    const before = buffers.window;
    buffers.window = grown(before, Math.max(wanted, Math.min(WINDOW, this.left)));
    before.copy(buffers.window, 0, this.filled - kept, this.filled);
    this.start = this.at;
    this.filled = kept;
    while (this.filled < wanted) {
      const most = Math.min(buffers.window.length, this.left) - this.filled;
      const { bytesRead } = await handle.read(buffers.window, this.filled, most, this.start + this.filled);
      if (bytesRead === 0) throw new Error("the file ends too early");
      this.filled += bytesRead;
    }
  }
}

/** Whether a file begins as Parquet does. */
export function isParquetFile(path: string): Promise<boolean> {
  return beginsWith(path, "PAR1");
}
