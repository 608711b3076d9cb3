import type { Answer, Peer, Task } from "./peer.js";

/**
 * The whole supported front in plain JavaScript: the hull of every query, its increments sorted by falling
 * efficiency, and their running sums. What a careful user would write without WebAssembly: typed arrays
 * throughout, no object an option, the engine's own sort of numbers instead of one that calls a comparator.
 */
function plainHull({ queries, models, cost, successProbability }: Task): Answer {
  const most = queries * (models - 1);
  let dCost = new Float64Array(Math.min(most, 4 * queries));
  let dGain = new Float64Array(dCost.length);
  const order = new Uint8Array(models);
  const hull = new Uint8Array(models);
  let steps = 0;
  let startCost = 0;
  let startGain = 0;
  for (let q = 0; q < queries; q++) {
    const row = q * models;
    // By rising cost, then falling probability: insertion, since rows are short and often nearly sorted.
    for (let m = 0; m < models; m++) {
      const c = cost[row + m];
      const p = successProbability[row + m];
      let k = m;
      for (; k > 0; k--) {
        const before = row + order[k - 1];
        if (cost[before] < c || (cost[before] === c && successProbability[before] >= p)) break;
        order[k] = order[k - 1];
      }
      order[k] = m;
    }
    let size = 0;
    for (let k = 0; k < models; k++) {
      const m = order[k];
      const c = cost[row + m];
      const p = successProbability[row + m];
      if (c === Infinity) break;
      if (size > 0 && p <= successProbability[row + hull[size - 1]]) continue;
      while (size > 1) {
        const a = row + hull[size - 2];
        const b = row + hull[size - 1];
        const rise = (successProbability[b] - successProbability[a]) * (c - cost[a]);
        if (rise > (p - successProbability[a]) * (cost[b] - cost[a])) break;
        size--;
      }
      hull[size++] = m;
    }
    startCost += cost[row + hull[0]];
    startGain += successProbability[row + hull[0]];
    if (steps + size > dCost.length) {
      dCost = grown(dCost, most);
      dGain = grown(dGain, most);
    }
    for (let k = 1; k < size; k++) {
      dCost[steps] = cost[row + hull[k]] - cost[row + hull[k - 1]];
      dGain[steps] = successProbability[row + hull[k]] - successProbability[row + hull[k - 1]];
      steps++;
    }
  }

  const efficiency = new Float64Array(steps);
  for (let s = 0; s < steps; s++) efficiency[s] = dGain[s] / dCost[s];
  const byEfficiency = fallingOrder(efficiency);

  const totalCost = new Float64Array(steps + 1);
  const accuracy = new Float64Array(steps + 1);
  let c = startCost;
  let gain = startGain;
  totalCost[0] = c;
  accuracy[0] = gain / queries;
  let points = 1;
  for (let k = 0; k < steps; k++) {
    const s = byEfficiency[k];
    c += dCost[s];
    gain += dGain[s];
    // Increments of equal efficiency make one point.
    if (k + 1 < steps && efficiency[byEfficiency[k + 1]] === efficiency[s]) continue;
    totalCost[points] = c;
    accuracy[points] = gain / queries;
    points++;
  }
  return { kind: "front", cost: totalCost.slice(0, points), accuracy: accuracy.slice(0, points) };
}

function grown(values: Float64Array, most: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.min(most, 2 * values.length));
  larger.set(values);
  return larger;
}

/**
 * Indices of positive values by falling value. The upper half of a value's bits and its index make one 64-bit
 * number, which the engine sorts without calling back; what shares those bits is put right afterwards.
 */
function fallingOrder(value: Float64Array): Uint32Array {
  const n = value.length;
  const keys = new BigUint64Array(n);
  const halves = new Uint32Array(keys.buffer);
  const bits = new Uint32Array(value.buffer);
  for (let i = 0; i < n; i++) {
    halves[2 * i] = i;
    halves[2 * i + 1] = ~bits[2 * i + 1];
  }
  keys.sort();
  const order = new Uint32Array(n);
  for (let k = 0; k < n; k++) {
    const i = halves[2 * k];
    let at = k;
    while (at > 0 && value[order[at - 1]] < value[i]) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  return order;
}

export const plainHullPeer: Peer = {
  name: "plain JavaScript",
  answers: "front",
  tolerance: 0,
  load: async () => plainHull,
};
