import { byId, make } from "../../report/html/client/dom.js";
import type { Changes } from "../../plan/whatIf.js";
import type { Target } from "../../solve/target.js";
import type { Settings } from "../messages.js";
import { linesOf, numberOf, textOf } from "./fields.js";

/** Reads the page's controls. What they hold is checked where it is used. */

/** `prices`, `vectors`: the paths of those files. */
export function settings({ prices, vectors }: Pick<Settings, "prices" | "vectors">): Settings {
  return {
    ...{ prices, vectors },
    train: numberOf("train"),
    validation: numberOf("validation"),
    repeats: numberOf("repeats") ?? 1,
    seed: numberOf("seed") ?? 1,
    predictor: byId<HTMLSelectElement>("predictor").value as Settings["predictor"],
    models: textOf("only-models"),
    queryColumn: textOf("query-column"),
    metric: textOf("metric"),
    scorer: textOf("scorer"),
    scale: textOf("scale"),
    skipBadRows: byId<HTMLInputElement>("skip-bad-rows").checked || undefined,
    where: linesOf("where"),
    price: linesOf("price"),
    vectorColumns: textOf("vector-columns"),
    vectorsAdd: byId<HTMLInputElement>("vectors-add").checked || undefined,
    featureColumns: textOf("feature-columns"),
  };
}

/** The target of a plan; one without its number is refused by what plans. */
export function target(): Target {
  const { value } = document.querySelector<HTMLInputElement>("input[name=target]:checked")!;
  if (value === "budget") return { budget: numberOf("target-budget") ?? NaN };
  if (value === "accuracy") return { accuracy: (numberOf("target-accuracy") ?? NaN) / 100 };
  return value === "knee" ? { knee: true } : { matchBest: true };
}

/** What else is asked of a verdict, or of a plan. */
export function shown(limits: string, group: string): { limits?: string; group?: string } {
  return { limits: textOf(limits) && byId<HTMLTextAreaElement>(limits).value, group: textOf(group) };
}

export function isBatch(): boolean {
  return byId<HTMLInputElement>("batch").checked;
}

interface ModelRow {
  model: string;
  keep: HTMLInputElement;
  factor: HTMLInputElement;
}

let modelRows: ModelRow[] = [];

/** Lists the models, unless they are listed already. */
export function listModels(models: readonly string[]): void {
  const isSame =
    models.length === modelRows.length && models.every((model, m) => model === modelRows[m].model);
  if (isSame) return;
  modelRows = models.map((model) => ({ model, keep: control("checkbox"), factor: control("number") }));
  byId("models").replaceChildren(
    ...modelRows.map(({ model, keep, factor }) => {
      keep.setAttribute("aria-label", `Keep ${model}`);
      factor.setAttribute("aria-label", `Cost of ${model} times`);
      Object.assign(factor, { min: "0", step: "any" });
      const row = make("tr");
      const name = make("th", "", model);
      name.scope = "row";
      const cells = [keep, factor].map((input) => {
        const cell = make("td");
        cell.append(input);
        return cell;
      });
      row.append(name, ...cells);
      return row;
    }),
  );
  withoutChanges();
}

function control(type: string): HTMLInputElement {
  const input = make("input");
  input.type = type;
  return input;
}

export function withoutChanges(): void {
  for (const { keep, factor } of modelRows) {
    keep.checked = true;
    factor.value = "1";
  }
}

export function atHalfPrice(): void {
  for (const { factor } of modelRows) factor.value = "0.5";
}

/** The changes to models and costs; undefined for none. */
export function changes(): Changes | undefined {
  const without = modelRows.filter(({ keep }) => !keep.checked).map(({ model }) => model);
  const scaleCost = modelRows
    .filter(({ keep, factor }) => keep.checked && Number(factor.value) !== 1)
    .map(({ model, factor }): [string, number] => [model, factor.value === "" ? NaN : Number(factor.value)]);
  if (without.length === 0 && scaleCost.length === 0) return undefined;
  return { ...(scaleCost.length > 0 && { scaleCost }), ...(without.length > 0 && { without }) };
}
