import { InputError } from "../errors.js";
import { nearest } from "../text/nearest.js";
import { shown } from "../text/shown.js";
import { dayOf, fieldsOf, numberOf, textOf, type Fields } from "./fields.js";
import {
  isPerToken,
  RATES,
  type Discount,
  type Price,
  type Rates,
  type ReadPrices,
  type Tier,
} from "./price.js";
import { readEntries } from "./entries.js";

const DOLLARS = "dollars per million tokens ≥ 0";
const KNOWN = [...RATES, "tiers", "batch", "flex", "context", "aliases", "asOf", "source", "note"];

/**
 * Parses a price file in OptLLM's own format:
 *
 *     { "asOf": "2026-09-23", "source": "…", "models": { "NAME": { "input": 2.5, "output": 10, "cachedInput": 1.25,
 *       "tiers": [{ "above": 200000, "input": 5 }], "batch": 0.5, "context": 128000, "aliases": ["…"] } } }
 *
 * A model may have its own `asOf` and `source`. `batch` and `flex` are the part of every rate that is charged, or an
 * object of parts by rate. `name` is the file's name in errors. An entry that cannot be read is in `bad`, also one with
 * an unknown field, because a misspelt price would otherwise be ignored silently.
 *
 * @throws InputError with the first problem, which names file, model, field and value, where no entry can be read.
 */
export function parsePriceFile(file: Fields, name: string): ReadPrices {
  const models = fieldsOf(file.models, `${name}: models`);
  return readEntries(models, name, (model): Price => {
    const where = `${name}: ${shown(model)}`;
    const fields = fieldsOf(models[model], where);
    for (const field of Object.keys(fields))
      if (!KNOWN.includes(field))
        throw new InputError(
          `${where} has a field ${shown(field)}; expected ${nearest(field.slice(0, 100), KNOWN, 3).join(", ")} …`,
          { model, field },
        );
    if (fields.input === undefined)
      throw new InputError(`${where} has no input price; expected ${DOLLARS}`, { model });
    const { input, ...others } = ratesOf(fields, where);
    if (isPerToken(input!))
      throw new InputError(
        `${where}: input is ${shown(input)}, which looks like dollars per token; expected ${DOLLARS}, such as 2.5`,
        { model, field: "input" },
      );
    return {
      model: textOf(model, `${name}: a model's name`),
      input: input as number,
      ...others,
      asOf: dayOf(fields.asOf ?? file.asOf, `${where}: asOf`),
      source: textOf(fields.source ?? file.source, `${where}: source`),
      tiers: tiersOf(fields.tiers ?? [], `${where}: tiers`),
      ...(fields.batch !== undefined && { batch: discountOf(fields.batch, `${where}: batch`) }),
      ...(fields.flex !== undefined && { flex: discountOf(fields.flex, `${where}: flex`) }),
      ...(fields.context !== undefined && {
        context: numberOf(fields.context, `${where}: context`, "tokens ≥ 0"),
      }),
      aliases: listOf(fields.aliases ?? [], `${where}: aliases`).map((alias) =>
        textOf(alias, `${where}: an alias`),
      ),
      ...(fields.note !== undefined && { note: textOf(fields.note, `${where}: note`) }),
    };
  });
}

function ratesOf(fields: Fields, where: string): Partial<Rates> {
  const rates: Partial<Rates> = {};
  for (const rate of RATES)
    if (fields[rate] !== undefined)
      rates[rate] = numberOf(
        fields[rate],
        `${where}: ${rate}`,
        rate === "perRequest" ? "dollars a request ≥ 0" : DOLLARS,
      );
  return rates;
}

function tiersOf(value: unknown, where: string): Tier[] {
  const tiers = listOf(value, where).map((item): Tier => {
    const fields = fieldsOf(item, where);
    const unknown = Object.keys(fields).find((field) => field !== "above" && !RATES.includes(field as never));
    if (unknown !== undefined) throw new InputError(`${where} has a field ${shown(unknown)}`, { where });
    return {
      above: numberOf(fields.above, `${where}: above`, "tokens of input ≥ 0"),
      ...ratesOf(fields, where),
    };
  });
  return tiers.sort((a, b) => a.above - b.above);
}

function discountOf(value: unknown, where: string): Discount {
  const expected = "the part that is charged, 0 … 1";
  if (typeof value === "number") return evenDiscount(numberOf(value, where, expected, 1));
  const fields = fieldsOf(value, where);
  const discount: Discount = {};
  for (const field of Object.keys(fields)) {
    const rate = RATES.find((name) => name === field);
    if (rate === undefined) throw new InputError(`${where} has a field ${shown(field)}`, { where });
    discount[rate] = numberOf(fields[field], `${where}: ${field}`, expected, 1);
  }
  return discount;
}

/** The same part of every rate; a fee per request is charged in full. */
function evenDiscount(part: number): Discount {
  return {
    input: part,
    output: part,
    cachedInput: part,
    cacheWrite: part,
    cacheWrite1h: part,
    reasoning: part,
  };
}

function listOf(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new InputError(`${where} is ${shown(value)}; expected a list`, { where });
}
