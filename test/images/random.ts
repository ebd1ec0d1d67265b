/** Random numbers that are reproducible by a seed. */

/** Returns an integer n with 0 ≤ n < `below`. */
export type Random = (below: number) => number;

/** Creates a generator with the algorithm mulberry32, which is in the public domain. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function pick<T>(random: Random, all: readonly T[]): T {
  const one = all[random(all.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** A copy with one flipped bit, in a byte from `from` on and before `to`. */
export function flipBit(bytes: Buffer, random: Random, from: number, to: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = from + random(to - from);
  copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  return copy;
}
