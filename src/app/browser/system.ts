/** The little of `node:os`, `node:net` and `node:util` that the rooms call in a worker. */

export function availableParallelism(): number {
  return navigator.hardwareConcurrency;
}

/** A page has no pipes. */
export class Socket {
  constructor() {
    throw new Error("a page has no pipes");
  }
}
