/** Groups of near duplicates among all files, those apart of which hashes say nothing. */
import { MIN_QUALITY } from '../contract/derived/nearness';
import { firstEqual } from './equal-hashes';
import { pickHashes, type HashSet } from './hash-set';
import { nearDuplicates } from './near-duplicates';

export interface NearGroups {
  /** The place of each file's representative; a file without near duplicates is its own. */
  readonly representatives: Uint32Array;
  /** How many files are too plain to have near duplicates. */
  readonly tooPlain: number;
}

/** Files are in the order in which they become representatives, with one PDQ quality for each. */
export function nearGroups(set: HashSet, qualities: Uint8Array): NearGroups {
  const representatives = Uint32Array.from({ length: set.count }, (_, place) => place);
  const telling = representatives.filter((place) => (qualities[place] ?? 0) >= MIN_QUALITY);
  const hashes = pickHashes(set, telling);
  const first = firstEqual(hashes);
  const distinct = Uint32Array.from(first.keys()).filter((n) => first[n] === n);
  const among = nearDuplicates(pickHashes(hashes, distinct));
  // From a distinct hash to its representative, as places among the telling files.
  const found = new Uint32Array(telling.length);
  distinct.forEach((n, index) => {
    found[n] = distinct[among[index] ?? index] ?? n;
  });
  telling.forEach((place, n) => {
    representatives[place] = telling[found[first[n] ?? n] ?? n] ?? place;
  });
  return { representatives, tooPlain: set.count - telling.length };
}
