import { classAt, listNear, Priced } from "./priced";

/** Lists of the queries whose model is cheap to change. */
// @ts-ignore: decorator
@unmanaged
export class Candidates {
  /** A byte per query of the block: the model it has. */
  allocation: usize = 0;
  /** Kinds of change that are told apart: a power of two. (class, from, to) are hashed to one. */
  kinds: i32 = 0;
  /** Queries kept of each kind: those that lose least. */
  keep: i32 = 0;
  /** uint8 × kinds: how many are kept; float32 × kinds: the largest loss kept, once all places are taken. */
  count: usize = 0;
  most: usize = 0;
  /** kinds × keep: float32 losses, uint32 queries. */
  loss: usize = 0;
  query: usize = 0;
  /** uint32: queries that have a second option within `near`, the first `room` of them; and their number. */
  listed: usize = 0;
  room: i32 = 0;
  length: i32 = 0;
}

/**
 * Finds queries whose model can be changed at little loss against the prices: for each kind of change (class, from, to) the few
 * that lose least, and all whose own model loses something or whose second option loses less than `near`. Options that lose
 * more than `far` are left out. Queries are numbered from `first` on. O(queries × models).
 *
 * Amid ties queries of one kind crowd out all others in a list of least losses alone; hence the kinds.
 */
export function findCandidates(p: Priced, queries: i32, first: i32, near: f64, far: f64, found: Candidates): void {
  for (let q = 0; q < queries; q++) {
    const own = <i32>load<u8>(found.allocation + q);
    const count = listNear(p, q, far);
    if (count == 1 && <i32>load<u8>(p.near) == own) continue;
    let best: f32 = -Infinity;
    for (let i = 0; i < count; i++) best = max(best, valueOf(p, <i32>load<u8>(p.near + i)));
    let isNear = best - valueOf(p, own) > <f32>near;
    for (let i = 0; i < count; i++) {
      const model = <i32>load<u8>(p.near + i);
      if (model == own) continue;
      const loss = best - valueOf(p, model);
      if (loss < <f32>near) isNear = true;
      offer(found, kindOf(p, q, own, model, found.kinds), loss, first + q);
    }
    if (isNear && found.length < found.room) {
      store<u32>(found.listed + (<usize>found.length << 2), first + q);
      found.length++;
    }
  }
}

/** The float32 value that `listNear` left for a model. */
// @ts-ignore: decorator
@inline
function valueOf(p: Priced, model: i32): f32 {
  return load<f32>(p.values + ((<usize>model >> 2) << 5) + ((<usize>model & 3) << 2));
}

// @ts-ignore: decorator
@inline
function kindOf(p: Priced, q: i32, from: i32, to: i32, kinds: i32): i32 {
  const kind = (<u32>classAt(p, q) * <u32>p.models + <u32>from) * <u32>p.models + <u32>to;
  return <i32>(kind < <u32>kinds ? kind : ((kind * <u32>2654435761) >> 7) & <u32>(kinds - 1));
}

/** Keeps a query among those of its kind that lose least; of equal losses the lower index. */
function offer(found: Candidates, kind: i32, loss: f32, query: i32): void {
  const most = found.most + (<usize>kind << 2);
  const count = <i32>load<u8>(found.count + kind);
  const keep = found.keep;
  const isFull = count == keep;
  if (isFull && !(loss < load<f32>(most))) return;
  const start = <usize>(kind * keep) << 2;
  let place = count;
  if (isFull) {
    place = 0;
    for (let i = 1; i < keep; i++) {
      if (load<f32>(found.loss + start + (<usize>i << 2)) >= load<f32>(found.loss + start + (<usize>place << 2))) place = i;
    }
  } else store<u8>(found.count + kind, <u8>(count + 1));
  store<f32>(found.loss + start + (<usize>place << 2), loss);
  store<u32>(found.query + start + (<usize>place << 2), query);
  if (count + 1 < keep) return;
  let largest: f32 = 0;
  for (let i = 0; i < keep; i++) largest = max(largest, load<f32>(found.loss + start + (<usize>i << 2)));
  store<f32>(most, largest);
}
