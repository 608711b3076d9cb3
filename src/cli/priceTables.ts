import type { Bill } from "../prices/bill.js";
import type { Price } from "../prices/price.js";
import type { Found } from "../prices/table.js";
import { count, dollars } from "../text/amounts.js";
import { oneLine } from "../text/shown.js";
import { table } from "../report/terminal/table.js";

/** All prices, a line each. */
export function priceList(prices: readonly Price[]): string {
  const rate = (value: number | undefined): string => (value === undefined ? "-" : String(value));
  return table([
    ["dollars per million tokens", "input", "cached", "output", "batch", "as of"],
    ...prices.map((price) => [
      oneLine(price.model),
      rate(price.input),
      rate(price.cachedInput),
      rate(price.output),
      price.batch?.input === undefined ? "-" : `× ${price.batch.input}`,
      price.asOf,
    ]),
  ]);
}

const NAMES = {
  input: "input",
  output: "output",
  cachedInput: "cached input",
  cacheWrite: "cache write",
  cacheWrite1h: "cache write, 1 h",
  reasoning: "reasoning",
  perRequest: "request",
} as const;
const KINDS = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** A model's prices by tier and mode. `asked`: the name that was looked up. */
export function priceTable({ price, matched }: Found, asked: string): string {
  const header = ["", "base", ...price.tiers.map(({ above }) => `input > ${count(above)}`)];
  const parts = (["batch", "flex"] as const).filter((mode) => price[mode] !== undefined);
  const kinds = KINDS.filter(
    (kind) => price[kind] !== undefined || price.tiers.some((tier) => tier[kind] !== undefined),
  );
  const cell = (value: number | undefined): string => (value === undefined ? "-" : `$${value}`);
  const rows = kinds.map((kind) => [
    NAMES[kind],
    cell(price[kind]),
    ...price.tiers.map((tier) => cell(tier[kind] ?? price[kind])),
    ...parts.map((mode) => `× ${price[mode]?.[kind] ?? 1}`),
  ]);
  const notes = [
    matched === asked.toLowerCase() ? "" : `${oneLine(asked)} is priced as ${oneLine(matched)}.`,
    price.note === undefined ? "" : oneLine(price.note),
    price.context === undefined ? "" : `Context: ${count(price.context)} tokens.`,
  ].filter((note) => note !== "");
  return (
    `${oneLine(price.model)}, dollars per million tokens as of ${price.asOf}\n` +
    `${oneLine(price.source)}\n${notes.map((note) => `${note}\n`).join("")}\n` +
    table([[...header, ...parts], ...rows])
  );
}

/** How a request's cost adds up. */
export function billTable({ lines, total, mode, tier, price }: Bill): string {
  const reason = (kind: keyof typeof NAMES, listedAs: keyof typeof NAMES): string =>
    kind === listedAs ? "" : ` (at the ${NAMES[listedAs]} price: no other is listed)`;
  const rows = lines.map(({ kind, tokens, rate, part, listedAs, dollars: sum }) => [
    `${NAMES[kind]}${reason(kind, listedAs)}`,
    kind === "perRequest"
      ? `$${rate}`
      : `${count(tokens)} × $${rate} / 1,000,000${part === 1 ? "" : ` × ${part}`}`,
    `= ${dollars(sum)}`,
  ]);
  const tierText =
    price.tiers.length === 0
      ? ""
      : tier === undefined
        ? ", base tier"
        : `, tier of input > ${count(tier.above)}`;
  return `\n${mode}${tierText}\n` + table([...rows, ["total", "", `= ${dollars(total)}`]]);
}
