/**
 * A shorter embedding with about the same angles: a projection onto random directions, which are
 * the same on every machine.
 *
 * @see Johnson and Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space", 1984.
 */
import { PUBLISHED_LENGTH } from '../../contract/embeddings/embedding';

export type Projection = (embedding: Float32Array) => Float32Array;

/** @param length of the embeddings. Those that are short enough are returned as they are. */
export function createProjection(length: number): Projection {
  if (length <= PUBLISHED_LENGTH) return (embedding) => embedding;
  const signs = randomSigns(length * PUBLISHED_LENGTH);
  const scale = 1 / Math.sqrt(PUBLISHED_LENGTH);
  return (embedding) =>
    Float32Array.from({ length: PUBLISHED_LENGTH }, (_, direction) => {
      let sum = 0;
      for (let at = 0; at < length; at += 1)
        sum += (signs[direction * length + at] ?? 0) * (embedding[at] ?? 0);
      return sum * scale;
    });
}

/** Minus one and one, from a linear congruential generator with a fixed seed. */
function randomSigns(count: number): Int8Array {
  let state = 0x2545f491;
  return Int8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The lowest bits of such a generator have short periods.
    return state >>> 31 === 1 ? 1 : -1;
  });
}
