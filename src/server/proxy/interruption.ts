/** Why a request ends before its answer. */
export type Cause = "client" | "deadline" | "drain";

/** Ends one request: when its client hangs up, when its time is over, or when the server ends. */
export class Interruption {
  cause: Cause | undefined;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(deadlineMs: number) {
    this.timer = setTimeout(() => this.end("deadline"), deadlineMs);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The first cause counts. */
  end(cause: Cause): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.controller.abort();
  }

  /** Must be called when the request is done. */
  done(): void {
    clearTimeout(this.timer);
  }
}
