import { InputError } from "../errors.js";
import { withHead } from "./bytes.js";

/** The encodings besides UTF-8 that the first bytes of a text show. */
type Wide = "utf-16le" | "utf-16be";

/**
 * A text as UTF-8: one in UTF-16, with a mark or told by the zero bytes of its first characters, is converted; all
 * others are passed on as they are.
 *
 * @throws InputError naming the file: UTF-32, or invalid UTF-16.
 */
export async function* asUtf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const chunk of withHead(chunks, 4)) {
    if (isFirst) {
      const encoding = encodingOf(chunk, name);
      if (encoding !== undefined) decoder = new TextDecoder(encoding, { fatal: true });
    }
    isFirst = false;
    yield decoder === undefined ? chunk : decoded(decoder, name, chunk);
  }
  if (decoder !== undefined) yield decoded(decoder, name);
}

function encodingOf(head: Buffer, name: string): Wide | undefined {
  const [a, b, c, d] = head;
  const isWide = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe);
  if (isWide) throw new InputError(`${name} is UTF-32; save it as UTF-8`, { file: name });
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a > 0 && b === 0 && c > 0 && d === 0) return "utf-16le";
  return a === 0 && b > 0 && c === 0 && d > 0 ? "utf-16be" : undefined;
}

/** Without a chunk: the end of the text. */
function decoded(decoder: TextDecoder, name: string, chunk?: Buffer): Buffer {
  try {
    return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
  } catch {
    throw new InputError(`${name}: not valid UTF-16; save the file as UTF-8`, { file: name });
  }
}
