/** Damaged images that are reproducible by a seed. */
import type { GoodImage } from './good-images';
import { JPEG_DAMAGES, type Damage } from './jpeg-damages';
import { PNG_DAMAGES } from './png-damages';
import { createRandom } from './random';

export const DAMAGES = { jpeg: JPEG_DAMAGES, png: PNG_DAMAGES } as const;

export interface DamagedImage {
  readonly kind: string;
  readonly from: GoodImage;
  readonly bytes: Buffer;
}

/** Applies every kind of damage to every image `rounds` times. */
export function* damagedImages(
  images: readonly GoodImage[],
  seed: number,
  rounds: number,
): Generator<DamagedImage> {
  for (const [n, from] of images.entries()) {
    for (const [kind, damage] of Object.entries<Damage>(DAMAGES[from.format])) {
      for (let round = 0; round < rounds; round += 1) {
        const random = createRandom(seed + 7_919 * n + 104_729 * round + kind.length);
        const bytes = damage(from.bytes, random);
        if (bytes !== null && !bytes.equals(from.bytes)) {
          yield { kind: `${from.format}: ${kind}`, from, bytes };
        }
      }
    }
  }
}
