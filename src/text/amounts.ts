/** How numbers are written, in the terminal, on the page and in sentences alike. Nothing here needs Node.js. */

/** Shown for a number that is unknown or does not apply. */
export const UNKNOWN = "–";

/** Dollars: two decimals from $1 on, four significant digits below; `more` decimals on request. */
export function dollars(value: number | null, more = 0): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  // Rounded first: 0.99999 is $1.00, not $1.0000.
  const near = Number(size.toPrecision(4));
  const usual = near === 0 || near >= 1 ? 2 : Math.min(10, 3 - Math.floor(Math.log10(near)));
  const digits = usual + more;
  const text = size.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return value < 0 ? `−$${text}` : `$${text}`;
}

/** A share or an accuracy, 0 … 1, as a percentage. */
export function percent(value: number | null, digits = 2): string {
  return value === null ? UNKNOWN : `${decimals(100 * value, digits)} %`;
}

/** A gain times 100, with its sign. */
export function gain(value: number): string {
  const text = decimals(100 * value, 2);
  return value > 0 && Number(text) > 0 ? `+${text}` : text;
}

/** A difference of two accuracies. */
export function points(value: number): string {
  return `${gain(value)} points`;
}

/** A count with thousands separators; a mean of such numbers has at most one decimal. */
export function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** Any other number: four significant digits. */
export function brief(value: number | null): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 1e-12) return "0";
  if (size === Infinity) return value < 0 ? "−∞" : "∞";
  const text =
    Number(size.toPrecision(4)) < 0.0001
      ? size.toExponential(3)
      : size.toLocaleString("en", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
  return value < 0 ? `−${text}` : text;
}

/** A number of decimals with a true minus sign; a value that rounds to 0 has no sign. */
function decimals(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) > 0 ? `−${text}` : text;
}
