const waiting: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => waiting.shift()?.();

/** Runs a function after other pending work. A timer would wait: browsers hold those that timers start back by 4 ms. */
export function setImmediate(run: () => void): void {
  waiting.push(run);
  port2.postMessage(undefined);
}
