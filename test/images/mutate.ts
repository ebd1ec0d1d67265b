/** Seeded mutations: combinations of named damages and random changes. */
import { DAMAGES } from './damaged-images';
import type { GoodImage } from './good-images';
import { pick, type Random } from './random';

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xd0, 0xd8, 0xd9, 0xda, 0xfe, 0xff];

/**
 * Applies one to three random changes, in one of three cases after a named damage, which requires a
 * whole structure.
 */
export function mutate(image: GoodImage, random: Random): Buffer {
  const damages = Object.values(DAMAGES[image.format]);
  let bytes =
    random(3) === 0 ? (pick(random, damages)(image.bytes, random) ?? image.bytes) : image.bytes;
  for (let left = random(3); left >= 0; left -= 1) bytes = changeAtRandom(bytes, random);
  return bytes;
}

function changeAtRandom(bytes: Buffer, random: Random): Buffer {
  // Half of the changes are in the headers, which are small and the most vulnerable part.
  const reach = random(2) === 0 ? Math.min(bytes.length, 700) : bytes.length;
  const at = Math.min(bytes.length, 2 + random(reach));
  const copy = Buffer.from(bytes);
  switch (random(6)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)]);
    case 2:
      if (at < copy.length) copy[at] = pick(random, INTERESTING);
      return copy;
    case 3:
      if (at < copy.length) copy[at] = random(256);
      return copy;
    default:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      return copy;
  }
}
