/**
 * The faults of the demo's origin, which affect a fixed few per cent of its images, always the same
 * ones.
 */
import { createHash } from 'node:crypto';

export type Misbehaviour =
  'none' | 'not_found' | 'unavailable_once' | 'busy_once' | 'cut_once' | 'html' | 'slow';

/** The number of images out of a thousand with each fault. */
const PER_MILLE: readonly (readonly [Misbehaviour, number])[] = [
  ['not_found', 12],
  ['unavailable_once', 15],
  ['busy_once', 2],
  ['cut_once', 8],
  ['html', 8],
  ['slow', 8],
];

/** Chooses by the id's hash, so that a second run meets the same faults. */
export function misbehaviourOf(id: string): Misbehaviour {
  let place = createHash('sha256').update(id).digest().readUInt32BE(0) % 1_000;
  for (const [misbehaviour, share] of PER_MILLE) {
    if (place < share) return misbehaviour;
    place -= share;
  }
  return 'none';
}
