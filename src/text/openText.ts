import { continued, readBytes, withHead, type ReadOptions } from "./bytes.js";
import { fileName } from "./shown.js";
import { openingOf, type Opening } from "./opening.js";

/** Enough to show the keys of a first row that contains long texts. */
const HEAD_BYTES = 2 ** 20;

/** A text file that is open for reading. */
export interface OpenText {
  opening: Opening;
  /** All of its bytes, as `readBytes` yields them. */
  chunks: AsyncIterable<Buffer>;
  /** Must always be called; it does nothing once everything is read. */
  close(): Promise<void>;
}

/**
 * Opens a text file ("-": standard input) and inspects its beginning. Throws what `readBytes` and `openingOf` throw.
 */
export async function openText(path: string, options: ReadOptions): Promise<OpenText> {
  const bytes = withHead(readBytes(path, options), HEAD_BYTES);
  const close = async (): Promise<void> => void (await bytes.return(undefined));
  try {
    const head = (await bytes.next()).value as Buffer | undefined;
    return {
      opening: openingOf(head ?? Buffer.alloc(0), fileName(path)),
      chunks: continued(head, bytes),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
