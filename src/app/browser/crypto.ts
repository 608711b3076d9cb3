import { Buffer } from "./buffer.js";

/** `node:crypto` for the page's workers: SHA-256, which a browser itself only computes later, not at once. */

const BLOCK = 64;
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes [FIPS 180-4]. */
const K = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
/** The same of the square roots of the first 8. */
const START = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

export function createHash(algorithm: string): Hash {
  if (algorithm !== "sha256") throw new Error(`no ${algorithm} in a page`);
  return new Hash();
}

export class Hash {
  private readonly state = START.slice();
  private readonly words = new Uint32Array(BLOCK);
  private readonly waiting = new Uint8Array(BLOCK);
  private length = 0;

  update(data: string | Uint8Array): this {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    let at = 0;
    const held = this.length % BLOCK;
    this.length += bytes.length;
    if (held > 0) {
      at = Math.min(BLOCK - held, bytes.length);
      this.waiting.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK) return this;
      this.mix(this.waiting, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.mix(bytes, at);
    this.waiting.set(bytes.subarray(at));
    return this;
  }

  /** Reads all pieces of a source. */
  async take(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    for await (const piece of source) {
      signal?.throwIfAborted();
      this.update(piece);
    }
  }

  copy(): Hash {
    const twin = new Hash();
    twin.state.set(this.state);
    twin.waiting.set(this.waiting);
    twin.length = this.length;
    return twin;
  }

  digest(): Buffer;
  digest(encoding: "hex" | "base64" | "base64url"): string;
  digest(encoding?: "hex" | "base64" | "base64url"): Buffer | string {
    const { length } = this;
    const padding = new Uint8Array(((2 * BLOCK - 9 - (length % BLOCK)) % BLOCK) + 9);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, BigInt(length) * 8n);
    this.update(padding);
    const bytes = Buffer.alloc(32);
    const view = new DataView(bytes.buffer);
    this.state.forEach((word, i) => view.setUint32(4 * i, word));
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }

  private mix(bytes: Uint8Array, at: number): void {
    const { words: w, state } = this;
    for (let i = 0, b = at; i < 16; i++, b += 4)
      w[i] = (bytes[b] << 24) | (bytes[b + 1] << 16) | (bytes[b + 2] << 8) | bytes[b + 3];
    for (let i = 16; i < BLOCK; i++) {
      const [x, y] = [w[i - 15], w[i - 2]];
      const low = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
      const high = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
      w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < BLOCK; i++) {
      const big = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const first = (h + big + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const small = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const second = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
}

export function randomInt(below: number): number {
  const [word] = crypto.getRandomValues(new Uint32Array(1));
  return word % below;
}

export function randomUUID(): string {
  const bytes = Buffer.alloc(16);
  crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
  return bytes.toString("hex");
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
