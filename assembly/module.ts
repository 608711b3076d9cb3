// What every module of the core exports beside its kernels.
import { ABI } from "./layout";

/** The version of signatures and structs; the host compares it with its own. */
export function abi(): i32 {
  return ABI;
}

/** The first byte of memory that the module does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}
