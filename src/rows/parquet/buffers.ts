/** Memory that is reused for one column after another. */
export class ReadBuffers {
  /** Bytes as they are in the file. */
  window: Buffer = Buffer.alloc(0);
  /** An unpacked page, at the end. */
  page: Buffer = Buffer.alloc(0);
  readonly levels = new Scratch();
  readonly indices = new Scratch();
}

/** Whole numbers from 0. */
export type Whole = Uint8Array | Uint32Array;

/** Memory for whole numbers of a page. */
export class Scratch {
  private bytes: Buffer = Buffer.alloc(0);

  /** Room for `count` numbers of `width` bits, not cleared. Valid until the next call. */
  numbers(width: number, count: number): Whole {
    this.bytes = grown(this.bytes, width <= 8 ? count : 4 * count);
    const { buffer } = this.bytes;
    return width <= 8 ? new Uint8Array(buffer, 0, count) : new Uint32Array(buffer, 0, count);
  }
}

/** A buffer of at least `length` bytes. A larger one gets some spare room, because pages differ a little in size. */
export function grown(buffer: Buffer, length: number): Buffer {
  if (length <= buffer.length) return buffer;
  return Buffer.allocUnsafeSlow(buffer.length === 0 ? length : length + 8 * (length >>> 5));
}
