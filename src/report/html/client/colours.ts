/** The number of models with a colour of their own; the others share one. */
export const MODEL_COLOURS = 12;

/** A colour of the style sheet as it is now: light, dark or printed. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls back when the colours change. */
export function onColours(action: () => void): void {
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    window.matchMedia(query).addEventListener("change", action);
  }
}

/** Black or white, whichever is easier to read on a colour of the form #rrggbb. */
export function inkOn(fill: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(fill.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000000" : "#ffffff";
}
