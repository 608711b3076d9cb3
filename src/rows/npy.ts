import { open } from "node:fs/promises";
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
    const head = Buffer.alloc(12);
    const { bytesRead } = await handle.read(head, 0, 12, 0);
    if (bytesRead < 12 || head.toString("latin1", 0, 6) !== "\u0093NUMPY")
      throw fail("not a NumPy .npy file");
    const major = head[6];
    if (major < 1 || major > 3) throw fail(`.npy version ${major}; expected 1 to 3`);
    const from = major === 1 ? 10 : 12;
    const length = major === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
    if (length > HEADER_LIMIT) throw fail("the header is longer than 64 KiB");
    const header = Buffer.alloc(length);
    await handle.read(header, 0, length, from);
    const text = header.toString("latin1");
    const match = HEADER.exec(text.replace(/\s/g, ""));
    if (!match)
      throw fail(`header ${shown(text.trim())}; expected <f4 or <f8 in C order, with one or two dimensions`);
    const rows = Number(match[2]);
    const columns = match[3] === undefined ? 1 : Number(match[3]);
    const width = match[1] === "<f4" ? 4 : 8;
    const bytes = rows * columns * width;
    if (bytes > SIZE_LIMIT) throw fail(`${rows} × ${columns} values are more than 16 GiB`);
    if (found.size !== from + length + bytes)
      throw fail(`${found.size} bytes, but ${rows} × ${columns} values need ${from + length + bytes}`);
    const value = sharedFloats(rows * columns);
    const chunk = new ArrayBuffer(Math.min(CHUNK, bytes));
    for (let done = 0; done < bytes;) {
      const part = await handle.read(
        new Uint8Array(chunk),
        0,
        Math.min(chunk.byteLength, bytes - done),
        from + length + done,
      );
      if (part.bytesRead === 0 || part.bytesRead % width !== 0) throw fail("the file ends too early");
      const count = part.bytesRead / width;
      value.set(
        width === 4 ? new Float32Array(chunk, 0, count) : new Float64Array(chunk, 0, count),
        done / width,
      );
      done += part.bytesRead;
    }
    const wrong = value.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0)
      throw fail(
        `value ${value[wrong]} in row ${Math.floor(wrong / columns)}, column ${wrong % columns}; expected finite numbers`,
      );
    return { rows, columns, value };
  } finally {
    await handle.close();
  }
}
