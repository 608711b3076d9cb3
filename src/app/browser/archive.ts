import { Buffer } from "./buffer.js";
import { FileHandle, open as openFile, type Stats } from "./fs.js";

/** What the package `yauzl` needs of Node to read a zip archive in a page: files that call back, events and streams. */

type Callback<T> = (error: Error | null, value?: T) => void;

/** Calls back with what a promise gives. */
function answer<T>(promise: Promise<T>, callback: Callback<T>): void {
  promise.then(
    (value) => callback(null, value),
    (error: Error) => callback(error),
  );
}

export function open(path: string, _flags: string, callback: Callback<FileHandle>): void {
  answer(openFile(path), callback);
}

export function fstat(handle: FileHandle, callback: Callback<Stats>): void {
  answer(handle.stat(), callback);
}

export function close(_handle: FileHandle, callback: Callback<void>): void {
  callback(null);
}

type Listener = (value?: unknown) => void;

/** The listeners of what emits events: one for each event. */
const listeners = new WeakMap<object, Map<string, Listener>>();

/** A kind of objects that emit events. */
export function EventEmitter(): void {}
Object.assign(EventEmitter.prototype as object, {
  on(this: object, name: string, listener: Listener): void {
    const own = listeners.get(this) ?? new Map<string, Listener>();
    listeners.set(this, own.set(name, listener));
  },
  emit(this: object, name: string, value?: unknown): void {
    listeners.get(this)?.get(name)?.(value);
  },
});

/** Bytes that are read at once: the directory of an archive is read in small steps. */
const BLOCK = 2 ** 18;

/** Reads a file at any place. */
export class FdSlicer {
  private block = Buffer.alloc(0);
  private from = 0;

  constructor(private readonly handle: FileHandle) {}

  ref(): void {}
  unref(): void {}
  on(): void {}
  once(): void {}

  read(target: Buffer, offset: number, length: number, position: number, callback: Callback<number>): void {
    answer(this.take(target, offset, length, position), callback);
  }

  private async take(target: Buffer, offset: number, length: number, position: number): Promise<number> {
    const isHeld = position >= this.from && position + length <= this.from + this.block.length;
    if (!isHeld) {
      const block = Buffer.alloc(Math.max(length, BLOCK));
      const { bytesRead } = await this.handle.read(block, 0, block.length, position);
      [this.block, this.from] = [block.subarray(0, bytesRead) as Buffer, position];
    }
    const at = position - this.from;
    return this.block.copy(target, offset, at, Math.min(at + length, this.block.length));
  }

  createReadStream({ start, end }: { start: number; end: number }): RawStream {
    return new RawStream(this.handle, start, end);
  }
}

/** Bytes of a file, piece by piece. */
class RawStream {
  constructor(
    private readonly handle: FileHandle,
    private readonly from: number,
    private readonly to: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let at = this.from; at < this.to; at += BLOCK) {
      const piece = Buffer.alloc(Math.min(BLOCK, this.to - at));
      const { bytesRead } = await this.handle.read(piece, 0, piece.length, at);
      yield piece.subarray(0, bytesRead) as Buffer;
    }
  }

  destroy(): void {}
}

/** `util.inherits`: methods of another kind of object. */
export function inherits(kind: { prototype: object }, parent: { prototype: object }): void {
  Object.setPrototypeOf(kind.prototype, parent.prototype);
}

/** Kinds of streams that are only needed to unpack, which the readers do themselves. */
function none(): never {
  throw new Error("a page unpacks entries itself");
}
export { none as PassThrough, none as Transform, none as Writable, none as BufferSlicer };
