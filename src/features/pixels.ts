/** Decoded pixels: red, green, blue of each, row by row, and what was transparent before. */

export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The share of pixels that were transparent at least in part, 0 to 1. */
  readonly transparent: number;
}

/** Alpha from which on a pixel counts as opaque: encoders that lose a little leave 250 and more. */
const OPAQUE = 250;

/**
 * Pixels of 3 or 4 channels as they look on a white page.
 *
 * @throws if there are as many channels as no decoder of ours returns.
 */
export function onWhite(
  data: Uint8Array,
  { width, height, channels }: { width: number; height: number; channels: number },
): Pixels {
  if (channels === 3) return { data, width, height, transparent: 0 };
  if (channels !== 4) throw new Error(`pixels of ${channels} channels`);
  const count = width * height;
  const opaque = new Uint8Array(3 * count);
  let transparent = 0;
  for (let pixel = 0; pixel < count; pixel += 1) {
    const alpha = data[4 * pixel + 3] ?? 0;
    if (alpha < OPAQUE) transparent += 1;
    const white = 255 * (255 - alpha);
    for (let channel = 0; channel < 3; channel += 1) {
      const value = data[4 * pixel + channel] ?? 0;
      opaque[3 * pixel + channel] = (value * alpha + white + 127) / 255;
    }
  }
  return { data: opaque, width, height, transparent: transparent / count };
}
