/** Pixels drawn by whole numbers alone, so that every machine draws the same ones. */
import { createRandom } from '../images/random';

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly kind: 'blocks' | 'noise' | 'ramp' | 'plain';
}

const { trunc, max, min } = Math;

/** Red, green and blue of each pixel. */
export function drawPixels(drawing: Drawing): Uint8Array {
  const { width, height } = drawing;
  const valueAt = painter(drawing);
  const pixels = new Uint8Array(3 * width * height);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[at] = max(0, min(255, valueAt(x, y, channel)));
        at += 1;
      }
    }
  }
  return pixels;
}

function painter({ width, height, seed, kind }: Drawing) {
  const random = createRandom(seed);
  const colours = Array.from({ length: 3 * 49 }, () => random(256));
  return (x: number, y: number, channel: number): number => {
    if (kind === 'noise') return random(256);
    if (kind === 'plain') return colours[channel] ?? 0;
    if (kind === 'ramp') {
      return trunc((255 * (x + (channel + 1) * y)) / (width + (channel + 1) * height));
    }
    const block = trunc((y * 7) / height) * 7 + trunc((x * 7) / width);
    return (colours[3 * block + channel] ?? 0) + random(9) - 4;
  };
}

const SIZES = [
  [4, 9],
  [5, 5],
  [16, 12],
  [63, 65],
  [64, 64],
  [127, 128],
  [129, 128],
  [257, 96],
  [100, 385],
  [320, 240],
  [512, 90],
] as const;

/** Kinds in turn, at sizes around those where the filter's window changes. */
export const DRAWINGS: readonly Drawing[] = SIZES.flatMap(([width, height], n) =>
  (
    [
      ['blocks', 'noise'],
      ['ramp', 'blocks'],
      ['noise', 'plain'],
    ] as const
  )[(n % 3) as 0 | 1 | 2].map((kind) => ({
    ...{ width, height, kind },
    seed: 100 + n,
  })),
);
