/** A value as JSON would hold it: no undefined, NaN or bigint, dates as text. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === undefined || (typeof value === "number" && Number.isNaN(value))) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
}
