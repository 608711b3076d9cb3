/** Of so many models each has a colour of its own; the others share one. */
export const MODEL_COLOURS = 8;

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
