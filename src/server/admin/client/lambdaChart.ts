import { make } from "../../../report/html/client/dom.js";
import { brief } from "../../../text/amounts.js";
import type { Moment } from "../data.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN] = [1_000, 120, 6];

/** λ over time as a line from the least to the greatest value, with both ends in words. */
export function lambdaChart(policy: string, history: readonly Moment[]): (HTMLElement | SVGElement)[] {
  if (history.length < 2) return [make("p", "lead", "Drawn once there were decisions for some seconds.")];
  const lambdas = history.map(([, lambda]) => lambda);
  const [least, most] = [Math.min(...lambdas), Math.max(...lambdas)];
  const [first, last] = [history[0][0], history[history.length - 1][0]];
  const points = history.map(([time, lambda]) => {
    const x = (WIDTH * (time - first)) / Math.max(1, last - first);
    const height = most > least ? (lambda - least) / (most - least) : 0.5;
    return `${x.toFixed(1)},${(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * height).toFixed(1)}`;
  });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "lambda");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  const now = brief(lambdas[lambdas.length - 1]);
  svg.setAttribute(
    "aria-label",
    `λ of policy ${policy} over time: between ${brief(least)} and ${brief(most)} per dollar, now ${now}`,
  );
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${points.join("L")}`);
  svg.append(path);
  const ends = make("p", "ends");
  const clock = (time: number): string => new Date(time).toISOString().slice(11, 19);
  ends.append(
    make("span", "", clock(first)),
    make("span", "", `${least === most ? now : `${brief(least)} … ${brief(most)}`} per dollar`),
    make("span", "", `${clock(last)} UTC`),
  );
  return [svg, ends];
}
