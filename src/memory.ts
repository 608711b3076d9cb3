/** Memory that threads share without a copy; ordinary memory where sharing is not available, as in many web pages. */

/** The typed arrays that data travels in. */
export type Numbers =
  Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

export function sharedBytes(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

/** Zeros. */
export function sharedDoubles(length: number): Float64Array {
  return new Float64Array(sharedBytes(8 * length));
}

/** Zeros. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(sharedBytes(4 * length));
}

/** Zeros, in an array of the same type. */
export function sharedLike<A extends Numbers>(array: A, length = array.length): A {
  const Type = array.constructor as new (buffer: ArrayBufferLike) => A;
  return new Type(sharedBytes(length * array.BYTES_PER_ELEMENT));
}

export function sharedCopy<A extends Numbers>(array: A): A {
  const copy = sharedLike(array);
  copy.set(array);
  return copy;
}

/** The array itself if threads share it already, otherwise a copy. */
export function shared<A extends Numbers>(array: A): A {
  const isShared = typeof SharedArrayBuffer === "undefined" || array.buffer instanceof SharedArrayBuffer;
  return isShared ? array : sharedCopy(array);
}

/** The same for arrays by name. */
export function sharedArrays<Arrays extends Record<string, Numbers>>(arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, shared(array)])) as Arrays;
}

/** Scratch that is made again only when another length is asked for, since blocks mostly have one size. */
export class Reused {
  private kept = new Float32Array(0);

  /** Zeros, or what was written last. */
  of(length: number): Float32Array<ArrayBuffer> {
    if (this.kept.length !== length) this.kept = new Float32Array(length);
    return this.kept;
  }
}
