/** Increments by query, and within a query by falling efficiency. Arrays of equal length. */
export interface Steps {
  efficiency: Float64Array;
  dCost: Float64Array;
  dGain: Float64Array;
  query: Uint32Array;
  from: Uint8Array;
  to: Uint8Array;
}

/** Joins lists of increments in order. */
export function concatSteps(parts: readonly Steps[]): Steps {
  if (parts.length === 1) return parts[0];
  const n = parts.reduce((sum, part) => sum + part.query.length, 0);
  const all: Steps = {
    efficiency: new Float64Array(n),
    dCost: new Float64Array(n),
    dGain: new Float64Array(n),
    query: new Uint32Array(n),
    from: new Uint8Array(n),
    to: new Uint8Array(n),
  };
  let at = 0;
  for (const part of parts) {
    all.efficiency.set(part.efficiency, at);
    all.dCost.set(part.dCost, at);
    all.dGain.set(part.dGain, at);
    all.query.set(part.query, at);
    all.from.set(part.from, at);
    all.to.set(part.to, at);
    at += part.query.length;
  }
  return all;
}
