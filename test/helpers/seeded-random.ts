/**
 * Whole numbers from 0 to 2^24 - 1 that depend on the seed only, by a linear congruential
 * generator.
 */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
}
