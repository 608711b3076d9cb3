import { shared, type Numbers } from "../memory.js";

/** A copy of plain data whose typed arrays lie in memory that threads share, so that sending it copies none of them. */
export function share<T>(data: T): T {
  if (ArrayBuffer.isView(data)) return shared(data as unknown as Numbers) as T;
  if (Array.isArray(data)) return data.map(share) as T;
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, share<unknown>(value)])) as T;
}
