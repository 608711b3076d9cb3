import { continued, readBytes, withHead, type ReadOptions } from "./bytes.js";
import { asUtf8 } from "./encoding.js";
import { fileName } from "./shown.js";
import { openingOf, type Opening } from "./opening.js";

/** Enough to show the keys of a first row that contains long texts. */
const HEAD_BYTES = 2 ** 20;
const NEWLINE = 10;
const RETURN = 13;

/** A text file that is open for reading. */
export interface OpenText {
  opening: Opening;
  /** All of its bytes, as `readBytes` yields them. */
  chunks: AsyncIterable<Buffer>;
  /** Must always be called; it does nothing once everything is read. */
  close(): Promise<void>;
}

/**
 * Opens a text file ("-": standard input) and inspects its beginning. UTF-16 becomes UTF-8, and line ends of CR alone
 * become LF. Throws what `readBytes`, `asUtf8` and `openingOf` throw.
 */
export async function openText(path: string, options: ReadOptions): Promise<OpenText> {
  const name = fileName(path);
  const bytes = withHead(asUtf8(readBytes(path, options), name), HEAD_BYTES);
  const close = async (): Promise<void> => void (await bytes.return(undefined));
  try {
    const head = (await bytes.next()).value as Buffer | undefined;
    const isOld = head?.includes(RETURN) === true && !head.includes(NEWLINE);
    if (isOld) replaceReturns(head);
    const chunks = continued(head, bytes);
    return {
      opening: openingOf(head ?? Buffer.alloc(0), name),
      chunks: isOld ? withoutReturns(chunks) : chunks,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* withoutReturns(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    replaceReturns(chunk);
    yield chunk;
  }
}

function replaceReturns(bytes: Buffer): void {
  for (let at = bytes.indexOf(RETURN); at >= 0; at = bytes.indexOf(RETURN, at + 1)) bytes[at] = NEWLINE;
}
