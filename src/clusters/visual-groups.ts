/** Groups of images that look alike, in two levels: groups, and the groups within each. */
import { LOOK_LENGTH } from '../contract/features/feature';
import { kMeans } from './k-means';

/** The two numbers of each place, both from 0 on; `inner` counts within the outer group. */
export interface VisualGroups {
  readonly outer: Uint8Array;
  readonly inner: Uint8Array;
}

/**
 * `looks` has 64 numbers for each file, in the order of the files' sha256: other orders give other
 * groups.
 */
export function visualGroups(looks: Int8Array): VisualGroups {
  const all = Uint32Array.from({ length: looks.length / LOOK_LENGTH }, (_, place) => place);
  const outer = kMeans(looks, all);
  const inner = new Uint8Array(all.length);
  const outerCount = outer.reduce((most, group) => Math.max(most, group + 1), 0);
  for (let group = 0; group < outerCount; group += 1) {
    const members = all.filter((place) => outer[place] === group);
    kMeans(looks, members).forEach((innerGroup, n) => {
      inner[members[n] ?? 0] = innerGroup;
    });
  }
  return { outer, inner };
}
