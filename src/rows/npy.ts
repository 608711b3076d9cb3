import { open, type FileHandle } from "node:fs/promises";
import { InputError } from "../errors.js";
import { readError } from "../text/fileError.js";
import { fileName, shown } from "../text/shown.js";
import { sharedFloats } from "../memory.js";

/** A matrix, row by row. */
export interface NpyMatrix {
  rows: number;
  columns: number;
  value: Float32Array;
}

/** The largest size of all values in bytes: 16 GiB. */
const SIZE_LIMIT = 2 ** 34;
const HEADER_LIMIT = 2 ** 16;
const CHUNK = 2 ** 22;
/** Without its white space. */
const HEADER = /^\{'descr':'(<f4|<f8)','fortran_order':False,'shape':\((\d{1,15}),(?:(\d{1,15}),?)?\),?\}$/;

/**
 * Reads a NumPy `.npy` file: float32 or float64, little-endian, C order, one dimension (a single column) or two. The
 * values become float32 in shared memory; float64 values are rounded.
 *
 * @throws InputError naming the file: not a `.npy` file, another type or order, a size that contradicts the header, a
 * value that is not finite (with its row and column).
 */
export async function readNpy(path: string): Promise<NpyMatrix> {
  const name = fileName(path);
  const fail = (problem: string): InputError => new InputError(`${name}: ${problem}`, { file: name });
  const handle = await open(path, "r").catch((error: unknown) => {
    throw readError(error, path);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw fail("is not a file");
    const { rows, columns, width, from } = await headOf(handle, found.size, fail);
    const bytes = rows * columns * width;
    const value = sharedFloats(rows * columns);
    const chunk = new ArrayBuffer(Math.min(CHUNK, bytes));
    for (let done = 0; done < bytes;) {
      const part = await handle.read(
        new Uint8Array(chunk),
        0,
        Math.min(chunk.byteLength, bytes - done),
        from + done,
      );
      if (part.bytesRead === 0 || part.bytesRead % width !== 0) throw fail("the file ends too early");
      const count = part.bytesRead / width;
      value.set(
        width === 4 ? new Float32Array(chunk, 0, count) : new Float64Array(chunk, 0, count),
        done / width,
      );
      done += part.bytesRead;
    }
    checkFinite(value, columns, fail);
    return { rows, columns, value };
  } finally {
    await handle.close();
  }
}

/**
 * The same of a file in memory, of the type that it has. `name` is for errors. Costs may be infinite where `isCost`.
 *
 * @throws InputError as `readNpy` does.
 */
export function npyOf(
  bytes: Buffer,
  name: string,
  { isCost = false } = {},
): { rows: number; columns: number; value: Float32Array | Float64Array } {
  const fail = (problem: string): InputError => new InputError(`${name}: ${problem}`, { field: name });
  const { rows, columns, width, from } = headerOf(bytes, bytes.length, fail);
  // Its own buffer begins where a number may begin.
  const { buffer } = new Uint8Array(bytes.subarray(from));
  const value = width === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  if (!isCost) checkFinite(value, columns, fail);
  return { rows, columns, value };
}

/** Where the values of a `.npy` file are. */
export interface NpyHead {
  rows: number;
  columns: number;
  /** Bytes of a value: float32 or float64. */
  width: 4 | 8;
  /** Bytes before the first value. */
  from: number;
}

/** Reads only the header of a `.npy` file. Throws `InputError` as `readNpy` does, and does not read the values. */
export async function readNpyHead(path: string): Promise<NpyHead> {
  const name = fileName(path);
  const handle = await open(path, "r").catch((error: unknown) => {
    throw readError(error, path);
  });
  try {
    const { size } = await handle.stat();
    return await headOf(handle, size, (problem) => new InputError(`${name}: ${problem}`, { file: name }));
  } finally {
    await handle.close();
  }
}

async function headOf(
  handle: FileHandle,
  size: number,
  fail: (problem: string) => InputError,
): Promise<NpyHead> {
  const head = Buffer.alloc(Math.min(size, HEADER_LIMIT + 12));
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return headerOf(head.subarray(0, bytesRead), size, fail);
}

/** What the beginning of a file of `size` bytes says. */
function headerOf(head: Buffer, size: number, fail: (problem: string) => InputError): NpyHead {
  if (head.length < 12 || head.toString("latin1", 0, 6) !== "\u0093NUMPY")
    throw fail("not a NumPy .npy file");
  const major = head[6];
  if (major < 1 || major > 3) throw fail(`.npy version ${major}; expected 1 to 3`);
  const begin = major === 1 ? 10 : 12;
  const length = major === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
  if (length > HEADER_LIMIT) throw fail("the header is longer than 64 KiB");
  const from = begin + length;
  const text = head.toString("latin1", begin, from);
  const match = HEADER.exec(text.replace(/\s/g, ""));
  if (!match)
    throw fail(`header ${shown(text.trim())}; expected <f4 or <f8 in C order, with one or two dimensions`);
  const rows = Number(match[2]);
  const columns = match[3] === undefined ? 1 : Number(match[3]);
  const width = match[1] === "<f4" ? 4 : 8;
  const bytes = rows * columns * width;
  if (bytes > SIZE_LIMIT) throw fail(`${rows} × ${columns} values are more than 16 GiB`);
  if (size !== from + bytes)
    throw fail(`${size} bytes, but ${rows} × ${columns} values need ${from + bytes}`);
  return { rows, columns, width, from };
}

function checkFinite(
  value: Float32Array | Float64Array,
  columns: number,
  fail: (problem: string) => InputError,
): void {
  const wrong = value.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0)
    throw fail(
      `value ${value[wrong]} in row ${Math.floor(wrong / columns)}, column ${wrong % columns}; expected finite numbers`,
    );
}
