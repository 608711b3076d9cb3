import type { Random } from "../../src/random.js";
import type { Run } from "./genetic.js";
import { nearest } from "./operators.js";
import { copyPoint, firstPopulation, genesOf, join, repair, take } from "./population.js";
import { byCrowding } from "./sorting.js";
import type { Population, Task } from "./task.js";

/** Inertia, pull of a particle's own best and of its leader, and the largest velocity as a share of the range [Liu2024]. */
const INERTIA = 0.7887;
const OWN = 0.7497;
const LEADER = 0.1537;
const MOST_VELOCITY = 0.9518;
/** Share of the particles, least crowded first, from which leaders are sampled; two at least: pagmo's default. */
const LEADERS = 0.02;

/**
 * MOPSO: the nondominated sorting particle swarm [Li2003], as in pagmo. Particles move in real coordinates, half a
 * model beyond both ends, and answer with the nearest models. Survivors are chosen among all particles before and after
 * the move. Memory: 20 bytes a gene. O(generations × population × queries).
 */
export function* mopso(task: Task, random: Random, generations: number): Run {
  const { queries, models, size } = task;
  const swarm = firstPopulation(task, random);
  // Twice as many slots as particles: a particle moves from its own slot into a free one.
  const slots = join(swarm, swarm);
  const best = join(swarm, swarm);
  const most = MOST_VELOCITY * (models - 1);
  const position = Float32Array.from(slots.genes);
  const velocity = Float32Array.from(slots.genes, () => (2 * (random.uint32() / 2 ** 32) - 1) * most);
  const rowOf = (matrix: Float32Array, slot: number): Float32Array =>
    matrix.subarray(slot * queries, (slot + 1) * queries);
  /** Slots in use, least crowded of the best front first. */
  let used = byCrowding(swarm);
  for (let generation = 0; generation < generations; generation++) {
    const leaders = Math.max(2, Math.ceil(LEADERS * size));
    const isUsed = new Uint8Array(2 * size);
    used.forEach((slot) => (isUsed[slot] = 1));
    const free = Uint32Array.from(isUsed.keys()).filter((slot) => isUsed[slot] === 0);
    used.forEach((slot, k) => {
      const to = free[k];
      let leader = random.below(leaders);
      if (leader === k) leader = (leader + 1) % leaders;
      copyPoint(best, slot, best, to);
      move({
        position: rowOf(position, slot),
        velocity: rowOf(velocity, slot),
        own: genesOf(best, slot),
        leader: genesOf(best, used[leader]),
        pullOwn: OWN * random.uniform(),
        pullLeader: LEADER * random.uniform(),
        most,
        last: models - 1,
        newPosition: rowOf(position, to),
        newVelocity: rowOf(velocity, to),
        genes: genesOf(slots, to),
      });
      repair(task, genesOf(slots, to));
      const { cost, accuracy } = task.evaluate(genesOf(slots, to));
      slots.cost[to] = cost[0];
      slots.accuracy[to] = accuracy[0];
      if (dominates(slots, best, to)) copyPoint(slots, to, best, to);
    });
    used = byCrowding(slots).slice(0, size);
    yield;
  }
  return take(slots, used);
}

/** Whether the allocation at a place of one population dominates that at the same place of another. */
function dominates(a: Population, b: Population, at: number): boolean {
  return (
    a.cost[at] <= b.cost[at] &&
    a.accuracy[at] >= b.accuracy[at] &&
    (a.cost[at] < b.cost[at] || a.accuracy[at] > b.accuracy[at])
  );
}

/** One particle's move, gene by gene. */
function move(particle: {
  position: Float32Array;
  velocity: Float32Array;
  own: Uint8Array;
  leader: Uint8Array;
  pullOwn: number;
  pullLeader: number;
  /** Largest velocity. */
  most: number;
  /** Largest gene. */
  last: number;
  newPosition: Float32Array;
  newVelocity: Float32Array;
  genes: Uint8Array;
}): void {
  const { position, velocity, own, leader, pullOwn, pullLeader, most, last } = particle;
  const { newPosition, newVelocity, genes } = particle;
  for (let q = 0; q < genes.length; q++) {
    const x = position[q];
    let v = INERTIA * velocity[q] + pullOwn * (own[q] - x) + pullLeader * (leader[q] - x);
    v = v > most ? most : v < -most ? -most : v;
    let to = x + v;
    // A particle that meets a wall stops there.
    if (to < -0.5) {
      to = -0.5;
      v = 0;
    } else if (to > last + 0.5) {
      to = last + 0.5;
      v = 0;
    }
    newPosition[q] = to;
    newVelocity[q] = v;
    genes[q] = nearest(to, last);
  }
}
