/** Lets other work of the thread run, then throws if the signal is aborted. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>(later);
  signal?.throwIfAborted();
}

/** Runs a function after other pending work: `setImmediate`, or its equivalent without a delay in a browser. */
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
