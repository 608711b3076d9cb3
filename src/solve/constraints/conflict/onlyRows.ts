import type { Standing } from "../../../core/solve/constraints/neighbourhood.js";
import type { Neighbourhood } from "../neighbourhood.js";

/**
 * A neighbourhood with some of its rows alone, without prices. The loss of an option is what it adds to a row more than the query's
 * other options do at least; 0 without that row. Its standing keeps no row, so that a search from it takes any allocation.
 */
export function onlyRows(
  around: Neighbourhood,
  { current, slack }: Standing,
  rows: readonly number[],
  least?: number,
): { around: Neighbourhood; standing: Standing } {
  const { start, amountStart, amountRow, amount, model } = around;
  const isIn = new Uint8Array(slack.length);
  for (const k of rows) isIn[k] = 1;
  const addedTo = (option: number): number => {
    let sum = 0;
    for (let i = amountStart[option]; i < amountStart[option + 1]; i++)
      if (amountRow[i] === least) sum += amount[i];
    return sum;
  };
  const added = Float64Array.from(model, (_, option) => addedTo(option));
  const order: number[] = [];
  const loss: number[] = [];
  const placed = new Uint32Array(current.length);
  let losses = 0;
  for (let place = 0; place < current.length; place++) {
    const options = Array.from({ length: start[place + 1] - start[place] }, (_, i) => start[place] + i);
    options.sort((a, b) => added[a] - added[b] || a - b);
    for (const option of options) {
      const lost = added[option] - added[options[0]];
      if (option === current[place]) {
        placed[place] = order.length;
        losses += lost;
      }
      order.push(option);
      loss.push(lost);
    }
  }
  const begins = new Uint32Array(order.length + 1);
  const [row, amounts]: number[][] = [[], []];
  order.forEach((option, o) => {
    for (let i = amountStart[option]; i < amountStart[option + 1]; i++) {
      if (isIn[amountRow[i]] === 0) continue;
      row.push(amountRow[i]);
      amounts.push(amount[i]);
    }
    begins[o + 1] = row.length;
  });
  const changed = {
    ...around,
    loss: Float64Array.from(loss),
    model: Uint8Array.from(order, (option) => model[option]),
    current: placed,
    amountStart: begins,
    amountRow: Uint8Array.from(row),
    amount: Float64Array.from(amounts),
    price: new Float64Array(slack.length),
  };
  // Rows that are left out have room.
  const room = slack.map((s, k) => (isIn[k] === 1 ? s : 1));
  return { around: changed, standing: { current: placed, slack: room, losses, gap: Infinity, violation: 1 } };
}
