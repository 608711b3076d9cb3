import { styleText } from "node:util";
import { cutMiddle } from "../../text/names.js";
import { oneLine } from "../../text/shown.js";
import { dollars, percent } from "../../text/amounts.js";
import { plot, type PlotCurve, type PlotMark } from "./plot.js";

/** A point with a name: a single model. */
export interface NamedPoint {
  name: string;
  cost: number;
  accuracy: number;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const CHOSEN = "◆";

/**
 * A front for a terminal: cost against accuracy, single models as letters, chosen allocations as diamonds, and a line
 * that names them. Coloured by `util.styleText`: not with NO_COLOR.
 */
export function frontPlot(
  front: PlotCurve,
  singles: readonly NamedPoint[],
  chosen: readonly { cost: number; accuracy: number }[],
  title: string,
): string {
  const named = singles.slice(0, LETTERS.length);
  const marks: PlotMark[] = [
    ...named.map(({ cost, accuracy }, s) => ({ symbol: LETTERS[s], x: cost, y: accuracy })),
    ...chosen.map(({ cost, accuracy }) => ({ symbol: CHOSEN, x: cost, y: accuracy })),
  ];
  const picture = plot(front, marks, {
    xText: dollars,
    yText: percent,
    paint: (part, text) => styleText(part === "curve" ? "cyan" : "bold", text),
  });
  const keys = [
    ...(chosen.length > 0 ? [`${CHOSEN} chosen`] : []),
    ...named.map(({ name }, s) => `${LETTERS[s]} ${cutMiddle(oneLine(name), 40)}`),
  ];
  const rest = singles.length - named.length;
  return `\n${title}\n${picture}${keys.join(", ")}${rest > 0 ? ` and ${rest} more models` : ""}\n`;
}
