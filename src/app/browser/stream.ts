/** The little of `node:stream` and `node:stream/promises` that the rooms call in a worker. */

/** What takes the pieces of a source. */
export interface Sink {
  take(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>;
}

/** Hands a source to what takes it: a hash, or something that unpacks it when it is read. */
export async function pipeline(
  source: AsyncIterable<Uint8Array>,
  sink: Sink,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  await sink.take(source, options.signal);
}

/** A read of a file in a page ends by itself: only its next piece is refused. */
export function addAbortSignal<T>(_signal: AbortSignal, stream: T): T {
  return stream;
}

/** Only files that are written to a disk need it. */
export const Readable = {
  from(): never {
    throw new Error("a page writes no file");
  },
};
