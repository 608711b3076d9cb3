/** Lets other work of the thread run, then stops if asked to. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>(later);
  signal?.throwIfAborted();
}

/** Runs once other work had its turn: `setImmediate`, or what a browser has instead without a delay. */
function later(run: () => void): void {
  if (typeof setImmediate === "function") {
    setImmediate(run);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(undefined);
}
