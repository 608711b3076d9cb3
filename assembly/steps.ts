/** Twice the signed area of the triangle (a, b, m): ≥ 0 when b lies on or below the line from a to m. */
// @ts-ignore: decorator
@inline
function turn(aC: f64, aP: f64, bC: f64, bP: f64, mC: f64, mP: f64): f64 {
  return (mP - aP) * (bC - aC) - (bP - aP) * (mC - aC);
}

/**
 * Lists the increments of every query's hull from model `from[q]` to model `to[q]`, in float64.
 *
 * `cost`, `probability`: float32, rows × models, row-major; `weight`: float32 a row, or 0 for none; `from`, `to`: one
 * byte a query, both on the query's hull, `from` the cheaper.
 * `order`: models bytes, a permutation of the models, kept between calls so that sorting starts from the last order;
 * `stack`: models bytes of scratch.
 * Outputs, room for rows × (models − 1) each: `efficiency`, `dCost`, `dGain` float64, the last two weighted; `query`
 * uint32 (`firstQuery` + row); `stepFrom`, `stepTo` bytes. Returns the count; queries come in order, and within a
 * query efficiencies fall.
 *
 * Ties: of equal slopes the farthest model (a collinear one between is no strict vertex), of equal points the lower
 * index. O(rows × models) once sorted: the monotone chain of [Andrew1979], sorted by insertion, which is near linear
 * where the models' order of cost changes little from query to query.
 */
export function listSteps(
  cost: usize,
  probability: usize,
  weight: usize,
  rows: i32,
  models: i32,
  from: usize,
  to: usize,
  firstQuery: u32,
  order: usize,
  stack: usize,
  efficiency: usize,
  dCost: usize,
  dGain: usize,
  query: usize,
  stepFrom: usize,
  stepTo: usize,
): i32 {
  let steps = 0;
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row++) {
    const start = load<u8>(from + row);
    const target = load<u8>(to + row);
    assert(<i32>start < models && <i32>target < models);
    if (start == target) continue;
    const c = cost + <usize>row * rowBytes;
    const p = probability + <usize>row * rowBytes;
    sortByCost(c, p, models, order);

    // Chain the models that lie in the box between both ends; a lower turn drops the one before.
    const startC = <f64>load<f32>(c + (<usize>start << 2));
    const targetC = <f64>load<f32>(c + (<usize>target << 2));
    const targetP = <f64>load<f32>(p + (<usize>target << 2));
    let top: usize = 0;
    let topC = startC;
    let topP = <f64>load<f32>(p + (<usize>start << 2));
    store<u8>(stack, start);
    for (let k: usize = 0; k < <usize>models; k++) {
      const m = load<u8>(order + k);
      const mC = <f64>load<f32>(c + (<usize>m << 2));
      if (mC > targetC) break;
      const mP = <f64>load<f32>(p + (<usize>m << 2));
      if (mP <= topP || mP > targetP || mC < startC) continue;
      while (top > 0) {
        const before = load<u8>(stack + top - 1);
        const beforeC = <f64>load<f32>(c + (<usize>before << 2));
        const beforeP = <f64>load<f32>(p + (<usize>before << 2));
        if (turn(beforeC, beforeP, topC, topP, mC, mP) < 0) break;
        top--;
        topC = beforeC;
        topP = beforeP;
      }
      top++;
      store<u8>(stack + top, m);
      topC = mC;
      topP = mP;
    }

    let w: f64 = 1;
    if (weight != 0) w = <f64>load<f32>(weight + (<usize>row << 2));
    let last: f64 = Infinity;
    for (let k: usize = 1; k <= top; k++) {
      const a = load<u8>(stack + k - 1);
      const b = load<u8>(stack + k);
      const rise = <f64>load<f32>(c + (<usize>b << 2)) - <f64>load<f32>(c + (<usize>a << 2));
      const gain = <f64>load<f32>(p + (<usize>b << 2)) - <f64>load<f32>(p + (<usize>a << 2));
      last = min(gain / rise, last);
      store<f64>(efficiency + (<usize>steps << 3), last);
      store<f64>(dCost + (<usize>steps << 3), w * rise);
      store<f64>(dGain + (<usize>steps << 3), w * gain);
      store<u32>(query + (<usize>steps << 2), firstQuery + row);
      store<u8>(stepFrom + steps, a);
      store<u8>(stepTo + steps, b);
      steps++;
    }
  }
  return steps;
}

/** Sorts a permutation of the models by rising cost, then falling probability, then index: insertion. */
// @ts-ignore: decorator
@inline
function sortByCost(c: usize, p: usize, models: i32, order: usize): void {
  for (let k = 1; k < models; k++) {
    const m = load<u8>(order + k);
    const mC = load<f32>(c + (<usize>m << 2));
    const mP = load<f32>(p + (<usize>m << 2));
    let hole = k;
    while (hole > 0) {
      const before = load<u8>(order + hole - 1);
      const beforeC = load<f32>(c + (<usize>before << 2));
      if (beforeC < mC) break;
      if (beforeC == mC) {
        const beforeP = load<f32>(p + (<usize>before << 2));
        if (beforeP > mP || (beforeP == mP && before < m)) break;
      }
      store<u8>(order + hole, before);
      hole--;
    }
    store<u8>(order + hole, m);
  }
}
