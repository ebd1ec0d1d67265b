/** Hashes for tests: random ones, and planted near and not quite near ones. */
import { createHashSet, type HashSet } from '../../src/clusters/hash-set';
import type { Random } from '../images/random';

/** A hash with `flips` different bits of its short and of its long hash changed. */
export interface Planted {
  readonly parent: number;
  readonly place: number;
  readonly phashFlips: number;
  readonly pdqFlips: number;
}

/** Random hashes from place 0 on, then one for each of `planted`. */
export function makeHashes(random: Random, alone: number, planted: number): HashSet {
  const set = createHashSet(alone + planted);
  for (let n = 0; n < alone; n += 1) {
    set.low[n] = random(2 ** 32);
    set.high[n] = random(2 ** 32);
    for (let word = 0; word < 8; word += 1) set.pdq[8 * n + word] = random(2 ** 32);
  }
  for (let n = alone; n < alone + planted; n += 1) {
    // A few parents have many children, and some children are parents.
    const parent = random(4) === 0 ? random(20) : random(n);
    plant(set, random, { parent, place: n, phashFlips: random(10), pdqFlips: random(36) });
  }
  return set;
}

export function plant(set: HashSet, random: Random, planted: Planted): void {
  const { parent, place, phashFlips, pdqFlips } = planted;
  set.low[place] = set.low[parent] ?? 0;
  set.high[place] = set.high[parent] ?? 0;
  set.pdq.copyWithin(8 * place, 8 * parent, 8 * parent + 8);
  for (const bit of someBits(random, phashFlips, 64)) {
    if (bit < 32) set.low[place] = (set.low[place] ?? 0) ^ (1 << bit);
    else set.high[place] = (set.high[place] ?? 0) ^ (1 << (bit - 32));
  }
  for (const bit of someBits(random, pdqFlips, 256)) {
    const word = 8 * place + (bit >> 5);
    set.pdq[word] = (set.pdq[word] ?? 0) ^ (1 << (bit & 31));
  }
}

function someBits(random: Random, count: number, below: number): ReadonlySet<number> {
  const bits = new Set<number>();
  while (bits.size < count) bits.add(random(below));
  return bits;
}
