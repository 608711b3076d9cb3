/* eslint-disable @typescript-eslint/no-namespace, @typescript-eslint/no-empty-object-type */
/**
 * Names that the declarations of this package use. Programs for Node are often compiled without the library `dom`, which
 * has them; where it is present, these merge with its own.
 */
declare global {
  namespace WebAssembly {
    interface Module {}
    interface Memory {}
  }
}

export {};
