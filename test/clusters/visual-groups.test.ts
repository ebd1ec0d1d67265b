/** Visual groups of looks that were planted around a few centres. */
import { groupCount } from '../../src/clusters/k-means';
import { visualGroups } from '../../src/clusters/visual-groups';
import { LOOK_LENGTH } from '../../src/contract/features/feature';
import { createRandom } from '../images/random';

/** Looks around `kinds` far centres, kind after kind in turn. */
function plantLooks(count: number, kinds: number): Int8Array {
  const random = createRandom(11);
  const centres = Array.from({ length: kinds * LOOK_LENGTH }, () => random(160) - 80);
  return Int8Array.from({ length: count * LOOK_LENGTH }, (_, at) => {
    const kind = Math.trunc(at / LOOK_LENGTH) % kinds;
    return (centres[kind * LOOK_LENGTH + (at % LOOK_LENGTH)] ?? 0) + random(21) - 10;
  });
}

describe('visual groups', () => {
  it('are the planted kinds, each whole and apart from the others', () => {
    const { outer } = visualGroups(plantLooks(400, 4));
    const groups = [0, 1, 2, 3].map((kind) => new Set(outer.filter((_, n) => n % 4 === kind)));
    expect(groups.map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    expect(new Set(groups.flatMap((group) => [...group])).size).toBe(4);
  });

  it('are the same each time, and divide each outer group', () => {
    const looks = plantLooks(3_000, 30);
    const once = visualGroups(looks);
    expect(visualGroups(looks)).toEqual(once);
    const pairs = new Set(Array.from(once.outer, (group, n) => `${group} ${once.inner[n] ?? 0}`));
    expect(pairs.size).toBeGreaterThan(new Set(once.outer).size);
  });

  it('exist for few files, for equal ones, and for none', () => {
    expect(visualGroups(new Int8Array(0)).outer).toHaveLength(0);
    expect(visualGroups(new Int8Array(LOOK_LENGTH)).outer).toEqual(new Uint8Array(1));
    expect(visualGroups(new Int8Array(9 * LOOK_LENGTH)).outer).toEqual(new Uint8Array(9));
  });

  it('are four to twenty, more for more files', () => {
    expect([0, 2, 100, 5_000, 1_000_000].map(groupCount)).toEqual([0, 2, 4, 10, 20]);
  });
});
