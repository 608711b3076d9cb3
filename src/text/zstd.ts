import type { Decompress } from "fzstd";
import { InputError } from "../errors.js";

/** What a frame may need to be unpacked, as for the tool zstd: 128 MiB. */
const WINDOW_LIMIT = 2 ** 27;
const BLOCK_LIMIT = 2 ** 17;
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const RUN = 1;

/** Whether bytes begin as zstd does. */
export function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === FRAME || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return magic - (magic % 16) === SKIPPABLE;
}

/**
 * The unpacked bytes of a zstd stream. It is handed to the decoder block by block, so that one block and the window of
 * its frame are in memory. Checksums are not compared.
 *
 * @throws InputError naming the file: damaged, truncated, or a window above 128 MiB.
 */
export async function* unzstd(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const { Decompress } = await import("fzstd");
  const input = new Input(source, name);
  while (!(await input.isAtEnd())) {
    const magic = await input.take(4);
    if (isSkippable(magic.readUInt32LE(0))) await input.skip((await input.take(4)).readUInt32LE(0));
    else if (magic.readUInt32LE(0) === FRAME) yield* frame(input, Decompress, magic);
    else throw input.error("damaged zstd");
  }
}

async function* frame(input: Input, Decoder: typeof Decompress, magic: Buffer): AsyncGenerator<Buffer> {
  const pieces: Uint8Array[] = [];
  const decoder = new Decoder((piece) => pieces.push(piece));
  const { bytes, checksum } = await frameHeader(input);
  input.decode(() => decoder.push(Buffer.concat([magic, bytes])));
  for (let isLast = false; !isLast;) {
    const head = await input.take(3);
    isLast = (head[0] & 1) === 1;
    const size = head.readUIntLE(0, 3) >>> 3;
    if (size > BLOCK_LIMIT) throw input.error("damaged zstd");
    const isRun = ((head[0] >>> 1) & 3) === RUN;
    const body = await input.take((isRun ? 1 : size) + (isLast ? checksum : 0));
    input.decode(() => decoder.push(Buffer.concat([head, body]), isLast));
    for (const piece of pieces.splice(0)) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
  }
}

/** The rest of a frame's header, once it is known what the frame needs, and the length of its checksum. */
async function frameHeader(input: Input): Promise<{ bytes: Buffer; checksum: number }> {
  const first = await input.take(1);
  const [flags] = first;
  const isSingle = (flags & 32) > 0;
  const windowBytes = isSingle ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3];
  const sizeBytes = flags >= 64 ? 1 << (flags >>> 6) : isSingle ? 1 : 0;
  const rest = await input.take(windowBytes + dictionaryBytes + sizeBytes);
  const content = sizeBytes === 0 ? 0 : sizeBytes === 8 ? Number(rest.readBigUInt64LE(rest.length - 8)) : rest.readUIntLE(rest.length - sizeBytes, sizeBytes) + (sizeBytes === 2 ? 256 : 0); // prettier-ignore
  const window = isSingle ? content : 2 ** (10 + (rest[0] >>> 3)) * (1 + (rest[0] & 7) / 8);
  if (window > WINDOW_LIMIT)
    throw input.error("zstd that needs more than 128 MiB of memory; unpack it first (zstd -d --long=31)");
  if (rest.subarray(windowBytes, windowBytes + dictionaryBytes).some((byte) => byte > 0))
    throw input.error("zstd that needs a dictionary; unpack it first (zstd -d -D DICTIONARY)");
  return { bytes: Buffer.concat([first, rest]), checksum: (flags & 4) > 0 ? 4 : 0 };
}

/** Bytes that are taken from a stream in the lengths that are needed. */
class Input {
  private readonly chunks: AsyncIterator<Buffer>;
  private chunk: Buffer = Buffer.alloc(0);

  constructor(
    source: AsyncIterable<Buffer>,
    private readonly name: string,
  ) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  async isAtEnd(): Promise<boolean> {
    while (this.chunk.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return true;
      this.chunk = next.value;
    }
    return false;
  }

  /** A copy of the next bytes. */
  async take(length: number): Promise<Buffer> {
    const taken = Buffer.alloc(length);
    await this.each(length, (piece, at) => void piece.copy(taken, at));
    return taken;
  }

  skip(length: number): Promise<void> {
    return this.each(length, () => undefined);
  }

  decode(run: () => void): void {
    try {
      run();
    } catch {
      throw this.error("damaged zstd");
    }
  }

  error(problem: string): InputError {
    return new InputError(`${this.name}: ${problem}`, { file: this.name });
  }

  private async each(length: number, use: (piece: Buffer, at: number) => void): Promise<void> {
    for (let done = 0; done < length;) {
      if (await this.isAtEnd()) throw this.error("truncated zstd: it ends too early");
      const piece = this.chunk.subarray(0, length - done);
      use(piece, done);
      this.chunk = this.chunk.subarray(piece.length);
      done += piece.length;
    }
  }
}
