import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { reasonOf } from "../text/fileError.js";

const NAME = /^[0-9a-f]{64}\.f32$/;
/** Bytes of the digest that come before the numbers. */
const DIGEST_BYTES = 16;
const DEFAULT_BYTES = 2 ** 30;

/**
 * Vectors in a folder, one file each, named by a digest of their key. A file appears only when complete, and a damaged
 * one counts as absent. The oldest files are deleted when the folder would exceed its limit; other files in it are left
 * alone.
 */
export class VectorCache {
  private bytes = 0;
  /** Files of earlier runs, the oldest last. */
  private old: { name: string; bytes: number; time: number }[] = [];

  private constructor(
    private readonly folder: string | undefined,
    private readonly maxBytes: number,
  ) {}

  /**
   * Creates the folder if it does not exist. Without a folder nothing is kept. @throws InputError naming the folder.
   */
  static async open(folder: string | undefined, maxBytes = DEFAULT_BYTES): Promise<VectorCache> {
    if (!(maxBytes >= 0)) {
      throw new InputError(`maxCacheBytes is ${maxBytes}; expected 0 or more`, { field: "maxCacheBytes" });
    }
    const cache = new VectorCache(folder, maxBytes);
    if (folder === undefined) return cache;
    try {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder)) {
        if (!NAME.test(name)) continue;
        const found = await stat(join(folder, name)).catch(unlessGone);
        if (found === undefined) continue;
        const { size, mtimeMs } = found;
        cache.old.push({ name, bytes: size, time: mtimeMs });
        cache.bytes += size;
      }
    } catch (error) {
      throw cacheError(error, folder);
    }
    cache.old.sort((a, b) => b.time - a.time);
    return cache;
  }

  /** The file name for a key. */
  key(parts: readonly string[]): string {
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  }

  async read(key: string): Promise<Float32Array | undefined> {
    if (this.folder === undefined) return undefined;
    let file: Buffer;
    try {
      file = await readFile(join(this.folder, `${key}.f32`));
    } catch {
      return undefined;
    }
    const numbers = file.subarray(DIGEST_BYTES);
    if (numbers.length === 0 || numbers.length % 4 !== 0) return undefined;
    if (!digest(numbers).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
    const vector = Float32Array.from({ length: numbers.length / 4 }, (_, k) => numbers.readFloatLE(4 * k));
    return vector.every((x) => Number.isFinite(x)) ? vector : undefined;
  }

  async write(key: string, vector: Float32Array): Promise<void> {
    if (this.folder === undefined) return;
    const numbers = Buffer.alloc(4 * vector.length);
    vector.forEach((x, k) => numbers.writeFloatLE(x, 4 * k));
    const file = Buffer.concat([digest(numbers), numbers]);
    const temporary = join(this.folder, `.${randomUUID()}.tmp`);
    try {
      if (!(await this.makeRoom(file.length))) return;
      await writeFile(temporary, file, { flag: "wx" });
      await rename(temporary, join(this.folder, `${key}.f32`));
      this.bytes += file.length;
    } catch (error) {
      await rm(temporary, { force: true });
      throw cacheError(error, this.folder);
    }
  }

  /** Returns false if there is not enough room even after deleting the files of earlier runs. */
  private async makeRoom(bytes: number): Promise<boolean> {
    while (this.bytes + bytes > this.maxBytes) {
      const oldest = this.old.pop();
      if (!oldest) return false;
      await rm(join(this.folder ?? "", oldest.name), { force: true });
      this.bytes -= oldest.bytes;
    }
    return true;
  }
}

/** Another process that uses the folder may delete a file at any time. */
function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest().subarray(0, DIGEST_BYTES);
}

function cacheError(error: unknown, folder: string): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? message : reasonOf(code);
  return new InputError(`cannot use the cache folder ${JSON.stringify(folder)}: ${reason}`, {
    field: "cacheFolder",
    path: folder,
  });
}
