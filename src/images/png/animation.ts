/** Animated PNGs, of which only the first frame is decoded. */
import type { Chunk } from './chunks';

/**
 * Whether frames of an animation are missing, or a part of the last one. A file that ends between
 * two chunks of the last frame is not recognised.
 *
 * @param end the offset after the last whole chunk.
 * @see PNG, third edition, section 11.3.6: acTL has the number of frames, each frame begins with
 *   fcTL, and all but the first have their data in fdAT.
 */
export function isAnimationCut(bytes: Buffer, all: readonly Chunk[], end: number): boolean {
  const control = all.find(({ type }) => type === 'acTL');
  if (control === undefined || control.to - control.from < 4) return false;
  const frames = bytes.readUInt32BE(control.from);
  const begun = all.filter(({ type }) => type === 'fcTL').length;
  const isInFrame = bytes.toString('latin1', end + 4, end + 8) === 'fdAT';
  return begun < frames || isInFrame || all.at(-1)?.type === 'fcTL';
}
