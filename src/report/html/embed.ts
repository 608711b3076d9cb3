const ESCAPES = new Map([
  ["<", "\\u003c"],
  [">", "\\u003e"],
  ["&", "\\u0026"],
  ["\u2028", "\\u2028"],
  ["\u2029", "\\u2029"],
]);

/**
 * A value as JSON that can stand inside a `<script type="application/json">` element: no text in it can end the
 * element, begin a comment or break a line. `JSON.parse` gives the value back.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => ESCAPES.get(c)!);
}
