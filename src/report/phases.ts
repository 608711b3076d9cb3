/** The phases of the library in words for a person; others are shown as they are. */
const PHASES: Record<string, string> = {
  read: "reading",
  embed: "asking for vectors",
  features: "preparing texts",
  fit: "comparing methods",
  trees: "fitting trees",
  bootstrap: "fitting replicates",
  costs: "predicting costs",
  predict: "predicting",
  backtest: "backtesting",
  export: "writing batch files",
  split: "finding where parts begin",
  hull: "adding up hulls",
  boundary: "listing the increments around the target",
  allocate: "allocating",
  limits: "choosing under the limits",
  without: "choosing without each limit",
  front: "choosing along the front under the limits",
  emit: "writing the allocation",
  count: "counting the models' queries along the front",
};

export function phaseName(phase: string): string {
  return Object.hasOwn(PHASES, phase) ? PHASES[phase] : phase;
}
