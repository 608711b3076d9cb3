/** One event of a stream of server-sent events. */
export interface SseEvent {
  /** Its bytes as they came, with the blank line that ends it. */
  raw: Buffer;
  /** The lines of `data`, joined; undefined for an event without, such as a comment. */
  data: string | undefined;
}

const LF = 10;
const CR = 13;
/** An event that is longer than this is no event of a model. */
const MOST_BYTES = 16 * 2 ** 20;

/** Cuts bytes into events, wherever the chunks of the network begin and end. Linear in the bytes. */
export class SseSplitter {
  private parts: Buffer[] = [];
  private size = 0;
  /** Whether the line under way has no byte yet. */
  private isLineEmpty = true;
  private isAfterReturn = false;
  /** An event has ended with CR; an LF may still belong to it. */
  private isEnding = false;

  /** The events that these bytes complete. Throws a RangeError for an event that is too long. */
  push(chunk: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    let from = 0;
    const end = (to: number): void => {
      this.keep(chunk.subarray(from, to));
      events.push(this.take());
      from = to;
    };
    for (let k = 0; k < chunk.length; k++) {
      const byte = chunk[k];
      if (this.isEnding) {
        this.isEnding = false;
        this.isAfterReturn = false;
        end(byte === LF ? k + 1 : k);
        if (byte === LF) continue;
      }
      if (byte === LF && this.isAfterReturn) {
        this.isAfterReturn = false;
      } else if (byte === LF) {
        if (this.isLineEmpty && this.size + k > from) end(k + 1);
        this.isLineEmpty = true;
      } else if (byte === CR) {
        if (this.isLineEmpty && this.size + k > from) this.isEnding = true;
        this.isLineEmpty = true;
        this.isAfterReturn = true;
      } else {
        this.isLineEmpty = false;
        this.isAfterReturn = false;
      }
    }
    this.keep(chunk.subarray(from));
    return events;
  }

  /** What is left when the stream has ended: an event without its blank line, if there is one. */
  rest(): SseEvent | undefined {
    return this.size === 0 ? undefined : this.take();
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    if (this.size > MOST_BYTES) throw new RangeError("an event of the stream is longer than 16 MiB");
    this.parts.push(bytes);
  }

  private take(): SseEvent {
    const raw = this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts);
    this.parts = [];
    this.size = 0;
    return { raw, data: dataOf(raw) };
  }
}

/** The lines of `data` in an event. */
function dataOf(raw: Buffer): string | undefined {
  const text = raw.toString("utf8");
  // The usual event: one line, and the blank one.
  const end = text.length - 2;
  if (
    text.startsWith("data: ") &&
    text.indexOf("\n") === end &&
    !text.includes("\r") &&
    text[end + 1] === "\n"
  )
    return text.slice(6, end);
  let data: string | undefined;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if ((colon < 0 ? line : line.slice(0, colon)) !== "data") continue;
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    data = data === undefined ? value : `${data}\n${value}`;
  }
  return data;
}
