/** The search for near duplicates against one that compares every two hashes. */
import { FOUR_BANDS, THREE_BANDS } from '../../src/clusters/band';
import {
  createHashSet,
  pdqDistance,
  phashDistance,
  pickHashes,
  type HashSet,
} from '../../src/clusters/hash-set';
import { nearDuplicates } from '../../src/clusters/near-duplicates';
import { nearGroups } from '../../src/clusters/near-groups';
import { NEAR, type Nearness } from '../../src/contract/derived/nearness';
import { createRandom } from '../images/random';
import { makeHashes, plant } from './hash-fixtures';

const { imul } = Math;

/** Of our own, because a call into another module costs much in two hundred million comparisons. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * The definition: in order, each hash without a group takes all others without one that are near.
 */
function byBruteForce(set: HashSet, { phash, pdq }: Nearness): Uint32Array {
  const { low, high, count } = set;
  const representatives = new Uint32Array(count).fill(count);
  for (let one = 0; one < count; one += 1) {
    if (representatives[one] !== count) continue;
    representatives[one] = one;
    const [lowOne, highOne] = [low[one] ?? 0, high[one] ?? 0];
    for (let other = one + 1; other < count; other += 1) {
      const lowBits = bitCount(lowOne ^ (low[other] ?? 0));
      if (lowBits > phash || lowBits + bitCount(highOne ^ (high[other] ?? 0)) > phash) continue;
      if (representatives[other] !== count || pdqDistance(set, one, other) > pdq) continue;
      representatives[other] = one;
    }
  }
  return representatives;
}

const membersOf = (representatives: Uint32Array): number =>
  representatives.reduce((sum, representative, n) => sum + (representative === n ? 0 : 1), 0);

describe('near duplicates', () => {
  it('are those of brute force among 20,000 random and planted hashes', () => {
    const set = makeHashes(createRandom(18), 15_000, 5_000);
    const found = nearDuplicates(set);
    expect(found).toEqual(byBruteForce(set, NEAR));
    expect(membersOf(found)).toBeGreaterThan(2_000);
  });

  it('are the same with the bands for few and for many hashes', () => {
    const set = makeHashes(createRandom(19), 4_000, 8_000);
    const found = nearDuplicates(set, NEAR, FOUR_BANDS);
    expect(nearDuplicates(set, NEAR, THREE_BANDS)).toEqual(found);
    expect(found).toEqual(byBruteForce(set, NEAR));
    expect(membersOf(found)).toBeGreaterThan(2_000);
  });

  it.each([
    ['few', FOUR_BANDS],
    ['many', THREE_BANDS],
  ])(
    'at a distance of seven bits are found wherever these are, with the bands for %s',
    (_, bands) => {
      const random = createRandom(11);
      const set = makeHashes(random, 1_000, 1_000);
      for (let n = 0; n < 1_000; n += 1)
        plant(set, random, { parent: n, place: 1_000 + n, phashFlips: 7, pdqFlips: 31 });
      expect(membersOf(nearDuplicates(set, NEAR, bands))).toBe(1_000);
    },
  );

  it.each([0, 1, 3, 6])('are those of brute force when at most %i bits may differ', (phash) => {
    const set = makeHashes(createRandom(phash), 600, 900);
    expect(nearDuplicates(set, { phash, pdq: 20 })).toEqual(byBruteForce(set, { phash, pdq: 20 }));
  });

  it('are those of brute force where most hashes are near to one another', () => {
    const random = createRandom(4);
    const set = createHashSet(1_500);
    for (let place = 1; place < set.count; place += 1) {
      plant(set, random, {
        parent: random(place),
        place,
        phashFlips: random(4),
        pdqFlips: random(9),
      });
    }
    const found = nearDuplicates(set);
    expect(found).toEqual(byBruteForce(set, NEAR));
    expect(membersOf(found)).toBeGreaterThan(1_000);
  });

  it('differ from their representative in at most 7 of 64 and 31 of 256 bits, and no further', () => {
    const random = createRandom(7);
    const set = makeHashes(random, 1, 0);
    const all = pickHashes(set, new Uint32Array(5));
    const flips = [
      [0, 0],
      [7, 31],
      [8, 31],
      [7, 32],
    ] as const;
    flips.forEach(([phashFlips, pdqFlips], n) => {
      plant(all, random, { parent: 0, place: n + 1, phashFlips, pdqFlips });
    });
    expect([...nearDuplicates(all)].slice(0, 3)).toEqual([0, 0, 0]);
    expect(nearDuplicates(all)[3]).not.toBe(0);
    expect(nearDuplicates(all)[4]).not.toBe(0);
    expect(phashDistance(all, 0, 3)).toBe(8);
  });

  it('form no chains: a file that is near to a member but not to the representative has a group of its own', () => {
    const set = createHashSet(3);
    set.low.set([0, 0b1111_1, 0b11_1111_1111]);
    expect([...nearDuplicates(set)]).toEqual([0, 0, 2]);
  });

  it('do not exist without hashes, and a distance beyond which pairs would be missed is refused', () => {
    expect(nearDuplicates(createHashSet(0))).toHaveLength(0);
    expect(() => nearDuplicates(createHashSet(2), { phash: 8, pdq: 31 })).toThrow('8 bits');
  });
});

describe('near groups', () => {
  it('are the same where many files have equal hashes, and leave out those that are too plain', () => {
    const random = createRandom(21);
    const some = makeHashes(random, 300, 300);
    const places = Uint32Array.from({ length: 3_000 }, () => random(some.count));
    const set = pickHashes(some, places);
    const qualities = Uint8Array.from(places, (place) => (place % 5 === 0 ? 49 : 50));
    const { representatives, tooPlain } = nearGroups(set, qualities);
    const telling = Uint32Array.from(places.keys()).filter((n) => qualities[n] === 50);
    const expected = byBruteForce(pickHashes(set, telling), NEAR).map((n) => telling[n] ?? 0);
    expect(telling.map((n) => representatives[n] ?? 0)).toEqual(expected);
    expect(tooPlain).toBe(3_000 - telling.length);
    const plain = Uint32Array.from(places.keys()).filter((n) => qualities[n] === 49);
    expect(plain.map((n) => representatives[n] ?? 0)).toEqual(plain);
  });
});
