/** Files with equal hashes, so that a hash that 100,000 files share is searched for once. */
import { pdqDistance, phashDistance, type HashSet } from './hash-set';

const { imul } = Math;

/** The first place with the same hashes, for each place. A hash table in a typed array finds it. */
export function firstEqual(set: HashSet): Uint32Array {
  const first = new Uint32Array(set.count);
  // Twice as many slots as hashes, a power of two; 0 is an empty slot.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * set.count + 2)));
  const mask = slots.length - 1;
  for (let place = 0; place < set.count; place += 1) {
    let slot = slotOf(set, place) & mask;
    while (slots[slot] !== 0 && !areEqual(set, (slots[slot] ?? 0) - 1, place)) {
      slot = (slot + 1) & mask;
    }
    if (slots[slot] === 0) slots[slot] = place + 1;
    first[place] = (slots[slot] ?? 0) - 1;
  }
  return first;
}

function slotOf({ low, high, pdq }: HashSet, place: number): number {
  const mixed = (low[place] ?? 0) ^ imul(high[place] ?? 0, 0x9e3779b1) ^ (pdq[8 * place] ?? 0);
  return imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
}

function areEqual(set: HashSet, one: number, other: number): boolean {
  return phashDistance(set, one, other) === 0 && pdqDistance(set, one, other) === 0;
}
