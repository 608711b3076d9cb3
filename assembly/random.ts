/**
 * Seeded random numbers, to the bit those of `src/random.ts`: sfc32 by Chris Doty-Humphrey, seeded through splitmix32.
 * Integer arithmetic makes them the same on every machine. The state is four uint32 that the caller owns.
 */

// @ts-ignore: decorator
@inline
function mix(z: u32): u32 {
  z = (z ^ (z >> 16)) * 0x21f0aaad;
  z = (z ^ (z >> 15)) * 0x735a2d97;
  return z ^ (z >> 15);
}

/** Starts a sequence. Different values of `stream` give independent sequences for one seed. `state`: 16 bytes. */
export function seedRandom(state: usize, seed: i32, stream: i32): void {
  const start = <u32>((seed * 0x9e3779b1) ^ (stream * 0x85ebca77));
  store<u32>(state, mix(start + 0x9e3779b9));
  store<u32>(state, mix(start + 2 * <u32>0x9e3779b9), 4);
  store<u32>(state, mix(start + 3 * <u32>0x9e3779b9), 8);
  store<u32>(state, 1, 12);
  for (let k = 0; k < 12; k++) nextUint32(state);
}

/** The next 32 bits. */
export function nextUint32(state: usize): u32 {
  const a = load<u32>(state);
  const b = load<u32>(state, 4);
  const c = load<u32>(state, 8);
  const counter = load<u32>(state, 12);
  const t = a + b + counter;
  store<u32>(state, b ^ (b >> 9));
  store<u32>(state, c + (c << 3), 4);
  store<u32>(state, rotl<u32>(c, 21) + t, 8);
  store<u32>(state, counter + 1, 12);
  return t;
}

/** Uniform in [0, 1), 53 bits. */
export function nextUniform(state: usize): f64 {
  const high = <f64>nextUint32(state) * 0x200000;
  return (high + <f64>(nextUint32(state) >> 11)) / 0x20000000000000;
}

/** Uniform integer in [0, n). */
// @ts-ignore: decorator
@inline
export function nextBelow(state: usize, n: i32): i32 {
  return <i32>(nextUniform(state) * <f64>n);
}
