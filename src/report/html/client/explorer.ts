import { thin } from "../../../solve/thin.js";
import type { Cell, ExplorerData, FrontData, Unit } from "../../data.js";
import type { Chart } from "./chart.js";
import { onColours } from "./colours.js";
import { byId, folded, make, whenQuiet } from "./dom.js";
import { frontLegend, showFront, type View } from "./frontChart.js";
import { costAt, lastWithin, placeOf, type CostScale } from "./scale.js";
import { groupsOf, sharesLegend, showShares, type Group } from "./sharesChart.js";
import { tableOf } from "./table.js";
import { dollars, percent } from "../../../text/amounts.js";
import { distinctNames } from "../../../text/names.js";
import { gapText, priceSentence } from "../../words.js";

const SLIDER_STEPS = 1000;
const TABLE_ROWS = 25;
/** Characters of a name beside a bar. */
const LONGEST_NAME = 32;

/** Draws the charts of cost, and the budget that can be moved on them: the steps, to be done one after another. */
export function explorerSteps(front: FrontData): (() => void)[] {
  const { explorer, curves, marks } = front;
  const { shares, start } = explorer;
  const costs = [...curves.flatMap(({ cost }) => cost), ...marks.map(({ cost }) => cost)];
  const isFree = costs.some((cost) => cost <= 0);
  const accuracy = explorer.recordedAccuracy ?? explorer.expectedAccuracy;
  const at = (budget: number): number => lastWithin(explorer.cost, budget);
  const view: View = { scale: scaleOf(costs, !isFree), budget: start, accuracy: accuracy[at(start)] };
  const groups = shares === undefined ? [] : groupsOf(shares);
  const charts: Chart[] = [];
  let show: (isTyped: boolean) => void = () => {};

  function pick(place: number): void {
    move(costAt(view.scale, place));
  }
  function move(budget: number, isTyped = false): void {
    view.budget = budget;
    view.accuracy = accuracy[at(budget)];
    show(isTyped);
    charts.forEach((chart) => chart.redraw());
  }
  function addControls(): void {
    const bars = shareBars(groups);
    const showControls = controlsOf(explorer, view, { pick, move });
    show = (isTyped) => {
      showControls(isTyped);
      showReadings(explorer, view.budget, at(view.budget));
      bars(at(view.budget));
    };
    byId("axis").hidden = isFree;
    onAxis(view.scale.isLog, (isLog) => {
      view.scale = scaleOf(costs, isLog);
      charts.forEach((chart) => chart.rebuild());
      move(view.budget);
    });
    show(false);
  }
  return [
    () => charts.push(frontPart(front, view, pick)),
    addControls,
    () => byId("front-table").append(folded("As a table", frontTable(front))),
    ...(shares === undefined
      ? []
      : [
          () => charts.push(sharesPart(explorer, groups, view, move)),
          () => byId("shares-table").append(folded("As a table", sharesTable(explorer))),
        ]),
  ];
}

/** The chart of the front with its legend. */
function frontPart(front: FrontData, view: View, onPick: (place: number) => void): Chart {
  byId("front").hidden = false;
  byId("front-text").textContent = front.text;
  const drawLegend = (): void => byId("front-legend").replaceChildren(frontLegend(front));
  drawLegend();
  onColours(drawLegend);
  return showFront(byId("front-chart"), front, view, onPick);
}

/** The chart of the shares. Its axis is its own, since single models may cost far more than the front. */
function sharesPart(
  explorer: ExplorerData,
  groups: readonly Group[],
  view: View,
  onBudget: (budget: number) => void,
): Chart {
  const scale = (): CostScale => scaleOf(explorer.cost, view.scale.isLog);
  byId("shares").hidden = false;
  byId("shares-legend").append(sharesLegend(groups));
  return showShares(byId("shares-chart"), groups, explorer.cost, {
    scale,
    budget: () => view.budget,
    onPick: (place) => onBudget(costAt(scale(), place)),
  });
}

/** Callbacks of the controls. */
interface Moves {
  /** Moves to a place 0 … 1 of the cost axis. */
  pick: (place: number) => void;
  /** Moves to a budget in dollars; `isTyped`: the field holds it already. */
  move: (budget: number, isTyped?: boolean) => void;
}

/** Listens to slider, field and button. The result sets them to the budget of the view. */
function controlsOf(explorer: ExplorerData, view: View, { pick, move }: Moves): (isTyped: boolean) => void {
  const slider = byId<HTMLInputElement>("slider");
  const field = byId<HTMLInputElement>("budget");
  const announce = whenQuiet(() => (byId("live").textContent = sentenceAt(explorer, view.budget)), 500);
  slider.max = String(SLIDER_STEPS);
  slider.addEventListener("input", () => pick(Number(slider.value) / SLIDER_STEPS));
  field.addEventListener("input", () => {
    if (field.value !== "" && Number(field.value) >= 0) move(Number(field.value), true);
  });
  byId("reset").addEventListener("click", () => move(explorer.start));
  return (isTyped) => {
    const { scale, budget } = view;
    slider.value = String(Math.round(SLIDER_STEPS * placeOf(scale, budget)));
    slider.setAttribute("aria-valuetext", sentenceAt(explorer, budget));
    if (!isTyped) field.value = String(Number(budget.toPrecision(4)));
    announce();
  };
}

/** Sets the choice of the axis and listens to it. */
function onAxis(isLog: boolean, onChange: (isLog: boolean) => void): void {
  document.querySelectorAll<HTMLInputElement>("#axis input").forEach((input) => {
    input.checked = (input.value === "log") === isLog;
    input.addEventListener("change", () => onChange(input.value === "log"));
  });
}

/** An axis that holds all costs, with a little room. */
function scaleOf(costs: readonly number[], isLog: boolean): CostScale {
  const min = costs.reduce((a, b) => Math.min(a, b));
  const max = costs.reduce((a, b) => Math.max(a, b));
  if (isLog) {
    const room = Math.max(1.05, (max / min) ** 0.04);
    return { isLog, min: min / room, max: max * room };
  }
  const room = max > min ? 0.04 * (max - min) : Math.max(max, 1) * 0.1;
  return { isLog, min: Math.max(0, min - room), max: max + room };
}

/** The highest expected accuracy that any allocation can have for a budget. The line of each price λ is a bound. */
function boundAt(
  { cost, expectedAccuracy, bound = expectedAccuracy, lambda, weight }: ExplorerData,
  budget: number,
  at: number,
): number {
  if (lambda === undefined || budget < cost[0]) return bound[at];
  const line = (k: number): number => bound[k] + ((lambda[k] ?? Infinity) / weight) * (budget - cost[k]);
  const last = cost.length - 1;
  const lines = [bound[last]];
  if (at > 0) lines.push(line(at));
  if (at < last) lines.push(line(at + 1));
  return Math.max(expectedAccuracy[at], Math.min(...lines));
}

function showReadings(explorer: ExplorerData, budget: number, at: number): void {
  const { cost, command } = explorer;
  const isTooLow = budget < cost[0];
  byId("readings").replaceChildren(
    ...readingsOf(explorer, budget, at).map(([name, value]) => {
      const item = make("div");
      item.append(make("dt", "", name), make("dd", "", value));
      return item;
    }),
  );
  byId("price").textContent = isTooLow ? "" : priceText(explorer, at);
  byId("command-line").hidden = command === undefined || isTooLow;
  byId("command").textContent = command === undefined ? "" : `${command} ${Number(budget.toPrecision(6))}`;
}

function readingsOf(explorer: ExplorerData, budget: number, at: number): [string, string][] {
  const { cost, expectedAccuracy, recordedAccuracy, lambda } = explorer;
  if (budget < cost[0]) return [["The cheapest allocation costs", dollars(cost[0])]];
  const readings: [string, string][] = [
    ["Cost", dollars(cost[at])],
    ["Expected accuracy", percent(expectedAccuracy[at])],
  ];
  if (recordedAccuracy !== undefined) readings.push(["Recorded accuracy", percent(recordedAccuracy[at])]);
  if (lambda !== undefined) {
    const bound = boundAt(explorer, budget, at);
    readings.push(
      ["No plan is expected to exceed", percent(bound)],
      ["Gap to that bound", gapText(bound - expectedAccuracy[at])],
    );
  }
  return readings;
}

function priceText({ cost, lambda }: ExplorerData, at: number): string {
  if (lambda === undefined) return "";
  return at === cost.length - 1
    ? "This is the most accurate allocation: more money does not raise the expected accuracy."
    : priceSentence(lambda[at]);
}

function sentenceAt({ cost, expectedAccuracy, recordedAccuracy }: ExplorerData, budget: number): string {
  if (budget < cost[0])
    return `Budget ${dollars(budget)}: below the cheapest allocation, ${dollars(cost[0])}.`;
  const at = lastWithin(cost, budget);
  const recorded = recordedAccuracy === undefined ? "" : `, recorded ${percent(recordedAccuracy[at])}`;
  return `Budget ${dollars(budget)}: cost ${dollars(cost[at])}, expected accuracy ${percent(expectedAccuracy[at])}${recorded}.`;
}

/** A bar for each model. The result sets the bars to a point of the front. */
function shareBars(groups: readonly Group[]): (at: number) => void {
  const list = byId("bars");
  byId("bars-part").hidden = groups.length === 0;
  const names = distinctNames(
    groups.map(({ name }) => name),
    LONGEST_NAME,
  );
  const rows = groups.map((group, g) => {
    const item = make("li");
    const name = make("span", "name", names[g]);
    name.title = group.name;
    const bar = make("span", "bar");
    const fill = make("span");
    fill.style.backgroundColor = `var(--${group.colour})`;
    bar.append(fill);
    const value = make("span", "value");
    item.append(name, bar, value);
    list.append(item);
    return { group, fill, value };
  });
  return (at) => {
    for (const { group, fill, value } of rows) {
      fill.style.width = `${100 * group.share[at]}%`;
      value.textContent = percent(group.share[at], 1);
    }
  };
}

function frontTable({ explorer, marks }: FrontData): HTMLElement {
  const { cost, expectedAccuracy, recordedAccuracy } = explorer;
  const columns: { title: string; unit: Unit }[] = [
    { title: "point", unit: "text" },
    { title: "total cost", unit: "dollars" },
    { title: "expected accuracy", unit: "percent" },
    ...(recordedAccuracy === undefined ? [] : [{ title: "recorded accuracy", unit: "percent" as const }]),
  ];
  const rows: Cell[][] = Array.from(thin(cost.length, TABLE_ROWS), (k) => [
    `${k + 1} of ${cost.length}`,
    cost[k],
    expectedAccuracy[k],
    ...(recordedAccuracy === undefined ? [] : [recordedAccuracy[k]]),
  ]);
  const box = make("div");
  box.append(
    tableOf("Points of the front", columns, rows),
    tableOf(
      "Marks",
      [
        { title: "mark", unit: "text" },
        { title: "total cost", unit: "dollars" },
        { title: "accuracy", unit: "percent" },
      ],
      marks.map((mark) => [mark.name, mark.cost, mark.accuracy]),
    ),
  );
  return box;
}

function sharesTable({ cost, shares }: ExplorerData): HTMLElement {
  const { models, ofModel } = shares!;
  return tableOf(
    "Shares along the front",
    [
      { title: "total cost", unit: "dollars" },
      ...models.map((title) => ({ title, unit: "percent" as const })),
    ],
    Array.from(thin(cost.length, TABLE_ROWS), (k) => [cost[k], ...models.map((_, m) => ofModel[m][k])]),
  );
}
