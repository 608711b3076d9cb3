import { connect, type Socket } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
/** Every connection reads into the same memory: what came is used at once. */
const room = Buffer.alloc(2 ** 18);

/** A request as bytes, which cost nothing to make when it is sent. */
export function requestBytes(url: string, headers: Record<string, string>, body: string): Buffer {
  const { pathname, host } = new URL(url);
  const all = { host, ...headers, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/**
 * One connection for one request after another, cheaper than a client of HTTP: answers have content-length, or are chunked
 * and hold no blank line of CR and LF.
 */
export class Wire {
  private socket: Socket | undefined;
  private left = 0;
  private isChunked = false;
  private head: Buffer | undefined = Buffer.alloc(0);
  private status = 0;
  /** The last bytes of a body, which may be cut anywhere. */
  private readonly tail = Buffer.alloc(HEAD_END.length);
  private onBody: (bytes: Buffer) => void = () => undefined;
  private done: ((status: number) => void) | undefined;

  constructor(private readonly url: URL) {}

  /** Status of the answer when it is over; 0 if the connection broke off. `onBody`: its bytes, to be read at once. */
  send(request: Buffer, onBody: (bytes: Buffer) => void = () => undefined): Promise<number> {
    this.onBody = onBody;
    [this.head, this.status, this.left, this.isChunked] = [Buffer.alloc(0), 0, 0, false];
    return new Promise((resolve) => {
      this.done = resolve;
      (this.socket ??= this.open()).write(request);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const onread = {
      buffer: room,
      callback: (length: number): boolean => {
        this.take(room.subarray(0, length));
        return true;
      },
    };
    const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true, onread });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.socket = undefined;
      this.over(0);
    });
    return socket;
  }

  private take(bytes: Buffer): void {
    let body = bytes;
    if (this.head !== undefined) {
      const all = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes]);
      const end = all.indexOf(HEAD_END);
      if (end < 0) {
        this.head = Buffer.from(all);
        return;
      }
      this.begin(all.toString("latin1", 0, end));
      body = all.subarray(end + HEAD_END.length);
      if (body.length === 0 && (this.isChunked || this.left > 0)) return;
    }
    this.onBody(body);
    this.left -= body.length;
    if (this.isChunked ? this.isLast(body) : this.left <= 0) this.over(this.status);
  }

  private isLast(body: Buffer): boolean {
    const { tail } = this;
    const end = body.length >= tail.length ? body : Buffer.concat([tail, body]);
    end.copy(tail, 0, end.length - tail.length);
    return tail.equals(HEAD_END);
  }

  private begin(head: string): void {
    this.head = undefined;
    this.status = Number(head.slice(9, 12));
    this.left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
  }

  private over(status: number): void {
    const { done } = this;
    this.done = undefined;
    done?.(status);
  }
}
