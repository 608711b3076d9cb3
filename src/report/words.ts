import type { Cell, Unit } from "./data.js";

/** Dollars with as many decimals as their size asks for. */
export function dollars(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 1 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(size)));
  const text = size.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${value < 0 ? "−" : ""}$${text}`;
}

/** A share or accuracy as a percentage. */
export function percent(value: number, digits = 2): string {
  return `${signed((100 * value).toFixed(digits))} %`;
}

/** A difference of two accuracies. */
export function points(value: number): string {
  return `${hundredfold(value)} points`;
}

/** A gain times 100, with its sign. */
export function hundredfold(value: number): string {
  return `${value > 0 ? "+" : ""}${signed((100 * value).toFixed(2))}`;
}

export function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** A plain number of four significant digits. */
export function brief(value: number): string {
  return signed(value.toLocaleString("en", { maximumSignificantDigits: 4 }));
}

/** A cell of a table; what is not known is a dash. */
export function worded(value: Cell, unit: Unit): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  switch (unit) {
    case "dollars":
      return dollars(value);
    case "percent":
      return percent(value);
    case "points":
      return points(value);
    case "count":
      return count(value);
    case "number":
    case "text":
      return brief(value);
  }
}

/** What λ (probability per dollar) says. */
export function priceWords(lambda: number | null): string {
  if (lambda === null) return "This is the cheapest allocation: nothing has been bought yet.";
  return lambda === 0
    ? "Every step that raises the expected accuracy is taken."
    : `Here one more right answer costs about ${dollars(1 / lambda)}.`;
}

/** With a minus sign instead of a hyphen. */
function signed(text: string): string {
  return text.replace("-", "−");
}
