/** Many hashes in typed arrays, as the search for near duplicates needs them. */

/**
 * Hash `n` is `low[n]`, `high[n]` and the eight words of `pdq` from `8 * n` on, lowest bits first.
 */
export interface HashSet {
  readonly count: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly pdq: Uint32Array;
}

export function createHashSet(count: number): HashSet {
  return {
    count,
    low: new Uint32Array(count),
    high: new Uint32Array(count),
    pdq: new Uint32Array(8 * count),
  };
}

/** The hashes at these places, in this order. */
export function pickHashes(set: HashSet, places: Uint32Array): HashSet {
  const picked = createHashSet(places.length);
  places.forEach((place, n) => {
    picked.low[n] = set.low[place] ?? 0;
    picked.high[n] = set.high[place] ?? 0;
    for (let word = 0; word < 8; word += 1)
      picked.pdq[8 * n + word] = set.pdq[8 * place + word] ?? 0;
  });
  return picked;
}

const { imul } = Math;

/** How many of 32 bits are set. */
export function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** In how many bits two of the hashes of 256 bits differ. */
export function pdqDistance({ pdq }: HashSet, one: number, other: number): number {
  let distance = 0;
  for (let word = 0; word < 8; word += 1) {
    distance += bitCount((pdq[8 * one + word] ?? 0) ^ (pdq[8 * other + word] ?? 0));
  }
  return distance;
}

/** In how many bits two of the hashes of 64 bits differ. */
export function phashDistance({ low, high }: HashSet, one: number, other: number): number {
  return (
    bitCount((low[one] ?? 0) ^ (low[other] ?? 0)) + bitCount((high[one] ?? 0) ^ (high[other] ?? 0))
  );
}
