import type uPlot from "uplot";
import type { SharesData } from "../../data.js";
import { costAxis, drawBudget, percentAxis, pixel, showChart, type Chart } from "./chart.js";
import { colour, inkOn, MODEL_COLOURS } from "./colours.js";
import { make } from "./dom.js";
import { lastWithin, placeOf, type CostScale } from "./scale.js";
import { percent } from "../../../text/amounts.js";
import { cutMiddle } from "../../../text/names.js";

/** Models that are shown together. */
export interface Group {
  name: string;
  /** Name of its colour. */
  colour: string;
  /** Share at each point, 0 … 1. */
  share: number[];
}

/** The most used models one by one, those of the cheap end first, then the others as one group. */
export function groupsOf({ models, ofModel }: SharesData): Group[] {
  const used = models
    .map((name, m) => ({ name, share: ofModel[m], peak: ofModel[m].reduce((a, b) => Math.max(a, b), 0) }))
    .filter(({ peak }) => peak > 0)
    .sort((a, b) => b.peak - a.peak);
  const own = used.length > MODEL_COLOURS ? used.slice(0, MODEL_COLOURS - 1) : used;
  const rest = used.slice(own.length);
  const groups = own
    .sort((a, b) => centre(a.share) - centre(b.share))
    .map(({ name, share }, k) => ({ name, share, colour: `model-${k}` }));
  if (rest.length === 0) return groups;
  const share = rest[0].share.map((_, k) => rest.reduce((sum, model) => sum + model.share[k], 0));
  return [...groups, { name: `${rest.length} other models`, share, colour: "model-rest" }];
}

/** The mean place along the front at which a model is used. */
function centre(share: readonly number[]): number {
  let sum = 0;
  let moment = 0;
  share.forEach((value, k) => {
    sum += value;
    moment += k * value;
  });
  return moment / sum;
}

/** The parts that change. */
export interface SharesView {
  scale: () => CostScale;
  budget: () => number;
  onPick: (place: number) => void;
}

export function showShares(
  host: HTMLElement,
  groups: readonly Group[],
  cost: readonly number[],
  { scale, budget, onPick }: SharesView,
): Chart {
  // Each series is the sum of its own share and those below it, and covers what was drawn before.
  const sums: number[][] = [];
  groups.forEach(({ share }, g) => {
    sums.push(share.map((value, k) => value + (g > 0 ? sums[g - 1][k] : 0)));
  });
  const last = cost.length - 1;
  host.setAttribute("role", "img");
  host.setAttribute(
    "aria-label",
    `Stacked areas of the share of the queries that each model answers, by total cost. ${groups
      .map(({ name, share }) => `${name}: ${percent(share[0], 1)} to ${percent(share[last], 1)}`)
      .join(". ")}. A table follows.`,
  );
  return showChart(
    host,
    () => (host.clientWidth < 500 ? 240 : 300),
    () => ({
      data: [[...cost], ...[...sums].reverse()],
      scales: {
        x: { time: false, distr: scale().isLog ? 3 : 1, range: () => [scale().min, scale().max] },
        y: { range: () => [0, 1] },
      },
      axes: [costAxis(scale()), percentAxis("share of the queries", [0, 1])],
      series: [
        {},
        ...[...groups].reverse().map((group): uPlot.Series => ({
          fill: () => colour(group.colour),
          stroke: () => colour("card"),
          width: 1,
          points: { show: false },
        })),
      ],
      draw: (u, context) => {
        groups.forEach((group, g) => drawName(u, context, group, [sums[g - 1], sums[g]], cost));
        drawBudget(u, context, placeOf(scale(), budget()));
      },
      onPick,
    }),
  );
}

const LONGEST_NAME = 28;

/** Places along the axis where a name is tried. */
const PLACES = 60;

/** A group's name inside its area where that is highest, if there is room. */
function drawName(
  u: uPlot,
  context: CanvasRenderingContext2D,
  { name, colour: fill }: Group,
  [below, above]: readonly [number[] | undefined, number[]],
  cost: readonly number[],
): void {
  const shown = cutMiddle(name, LONGEST_NAME);
  context.font = `600 ${11 * pixel()}px system-ui, sans-serif`;
  const half = context.measureText(shown).width / 2 + 3 * pixel();
  const [left, right] = [cost[0], cost[cost.length - 1]].map((at) => u.valToPos(at, "x", true));
  let best = { x: 0, y: 0, height: 15 * pixel() };
  for (let k = 0; k <= PLACES; k++) {
    const x = left + half + ((right - left - 2 * half) * k) / PLACES;
    if (x - half < left) break;
    const at = [x - half, x, x + half].map((pixels) => lastWithin(cost, u.posToVal(pixels, "x", true)));
    const bottom = u.valToPos(Math.max(...at.map((i) => below?.[i] ?? 0)), "y", true);
    const top = u.valToPos(Math.min(...at.map((i) => above[i])), "y", true);
    if (bottom - top > best.height) best = { x, y: (top + bottom) / 2, height: bottom - top };
  }
  if (best.x === 0) return;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = inkOn(colour(fill));
  context.fillText(shown, best.x, best.y);
}

export function sharesLegend(groups: readonly Group[]): HTMLElement {
  const list = make("ul", "legend");
  for (const { name, colour } of groups) {
    const item = make("li");
    const swatch = make("span", "swatch block");
    swatch.style.backgroundColor = `var(--${colour})`;
    item.append(swatch, make("span", "", name));
    list.append(item);
  }
  return list;
}
