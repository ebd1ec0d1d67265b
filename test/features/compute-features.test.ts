/** What features say of pixels whose features a person can tell. */
import { computeFeatures } from '../../src/features/compute-features';
import { onWhite } from '../../src/features/pixels';
import type { PixelFeatures } from '../../src/contract/features/feature';
import { drawPixels } from './drawn-pixels';

type Colour = readonly [red: number, green: number, blue: number];

/**
 * Features of an image whose pixels are chosen one by one. The encoder of ThumbHashes is tested
 * with the process.
 */
function featuresOf(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
): PixelFeatures {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.trunc(at / 3);
    return colourAt(pixel % width, Math.trunc(pixel / width))[at % 3] ?? 0;
  });
  return computeFeatures({ data, width, height, transparent: 0 }, () => new Uint8Array(0));
}

const WHITE: Colour = [255, 255, 255];
const BLACK: Colour = [0, 0, 0];
const checks = (size: number) => (x: number, y: number) =>
  (Math.trunc(x / size) + Math.trunc(y / size)) % 2 === 0 ? WHITE : BLACK;

describe('features', () => {
  it('of a white image: bright, without contrast, information and edges, all border', () => {
    expect(featuresOf(40, 30, () => WHITE)).toMatchObject({
      ...{ brightness: 1, contrast: 0, entropy: 0, sharpness: 0, colourfulness: 0 },
      ...{ grey: 1, border: 1, colour: 'white', pdqQuality: 0 },
      palette: [{ l: 1, a: 0, b: 0, share: 1 }],
    });
  });

  it('of black and white squares: half as bright, one bit of information, no border', () => {
    expect(featuresOf(64, 64, checks(8))).toMatchObject({
      ...{ brightness: 0.5, contrast: 0.5, entropy: 1, border: 0, grey: 1 },
      palette: [{ share: 0.5 }, { share: 0.5 }],
    });
  });

  it('call an image with soft edges less sharp than one with hard edges', () => {
    const soft = featuresOf(64, 64, (x) => {
      const value = Math.round(127 + 127 * Math.sin(x / 5));
      return [value, value, value];
    });
    expect(soft.sharpness).toBeLessThan(featuresOf(64, 64, checks(16)).sharpness / 10);
  });

  it('measure the border on each side, whatever its colour', () => {
    const framed = featuresOf(50, 40, (x, y) => {
      const isInside = x >= 5 && x < 45 && y >= 4 && y < 36;
      return isInside ? checks(3)(x, y) : [200, 180, 40];
    });
    expect(framed.border).toBeCloseTo(1 - (40 * 32) / (50 * 40), 3);
  });

  it('take two flat areas that meet for the picture, and not for its border', () => {
    const [red, paper] = [[220, 20, 30], WHITE] as const;
    expect(featuresOf(40, 30, (x) => (x < 20 ? red : paper)).border).toBe(0);
    expect(featuresOf(40, 30, (_x, y) => (y < 10 ? red : paper)).border).toBe(0);
    const corner = featuresOf(40, 30, (x, y) => (x < 20 && y < 15 ? red : paper));
    expect(corner.border).toBe(0.5);
  });

  it.each([
    ['red', [220, 20, 30]],
    ['orange', [255, 140, 0]],
    ['brown', [101, 60, 20]],
    ['yellow', [250, 220, 30]],
    ['green', [30, 140, 50]],
    ['cyan', [30, 200, 210]],
    ['blue', [20, 60, 200]],
    ['purple', [120, 30, 170]],
    ['pink', [255, 130, 180]],
    ['black', [8, 8, 8]],
    ['grey', [128, 128, 128]],
    ['white', [250, 250, 250]],
  ] as const)('name the colour %s', (word, colour) => {
    expect(featuresOf(8, 8, () => colour).colour).toBe(word);
  });

  it('name the colour of what is on white paper, not of the paper', () => {
    const paper = featuresOf(64, 40, (x) => (x < 20 ? [20, 60, 200] : WHITE));
    expect(paper).toMatchObject({
      colour: 'blue',
      palette: [{ share: 0.6875 }, { share: 0.3125 }],
    });
  });

  it('are the same for the same pixels, and look alike for nearly the same', () => {
    const drawing = { width: 160, height: 120, seed: 9, kind: 'blocks' } as const;
    const [data, brighter] = [
      drawPixels(drawing),
      drawPixels(drawing).map((value) => value + (value < 250 ? 4 : 0)),
    ];
    const [one, same, other, different] = [
      data,
      data.slice(),
      brighter,
      drawPixels({ ...drawing, seed: 10 }),
    ].map((pixels) =>
      computeFeatures({ ...drawing, data: pixels, transparent: 0 }, () => new Uint8Array(0)),
    ) as [PixelFeatures, PixelFeatures, PixelFeatures, PixelFeatures];
    expect(same).toEqual(one);
    expect(lookDistance(one, other)).toBeLessThan(lookDistance(one, different) / 5);
  });

  it('exist for an image of one pixel and for one of a row', () => {
    expect(featuresOf(1, 1, () => [220, 20, 30])).toMatchObject({ colour: 'red', sharpness: 0 });
    expect(featuresOf(300, 1, () => WHITE)).toMatchObject({ border: 1, palette: [{ share: 1 }] });
  });
});

describe('transparent pixels', () => {
  it('look as they do on white, and their share is known', () => {
    const data = Uint8Array.from([0, 0, 0, 0, 100, 100, 100, 255, 0, 0, 0, 128, 9, 9, 9, 252]);
    const pixels = onWhite(data, { width: 4, height: 1, channels: 4 });
    expect([...pixels.data]).toEqual([255, 255, 255, 100, 100, 100, 127, 127, 127, 12, 12, 12]);
    expect(pixels.transparent).toBe(0.5);
  });
});

function lookDistance(one: PixelFeatures, other: PixelFeatures): number {
  const [a, b] = [one, other].map(({ look }) => new Int8Array(Buffer.from(look, 'base64'))) as [
    Int8Array,
    Int8Array,
  ];
  return Math.sqrt(a.reduce((sum, value, n) => sum + (value - (b[n] ?? 0)) ** 2, 0));
}
