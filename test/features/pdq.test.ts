/**
 * PDQ hashes against those of Meta's own code: the vectors were made by `pdqhash.compute` of PyPI's
 * pdqhash 0.2.8 from the pixels that drawn-pixels.ts draws.
 */
import { createHash } from 'node:crypto';
import { hashText } from '../../src/features/pdq/hash-text';
import { lumaOf, pdqHash } from '../../src/features/pdq/pdq-hash';
import { DRAWINGS, drawPixels } from './drawn-pixels';
import vectors from './pdq-vectors.json';

function lumaOfAll(pixels: Uint8Array): Float32Array {
  return Float32Array.from({ length: pixels.length / 3 }, (_, n) =>
    lumaOf(pixels[3 * n] ?? 0, pixels[3 * n + 1] ?? 0, pixels[3 * n + 2] ?? 0),
  );
}

describe('a PDQ hash', () => {
  it.each(DRAWINGS.map((drawing, n) => ({ ...drawing, vector: vectors[n] })))(
    'of $width × $height $kind equals that of Meta bit for bit',
    ({ vector, ...drawing }) => {
      const { width, height, kind } = drawing;
      const pixels = drawPixels(drawing);
      const { pdq, quality } = pdqHash(lumaOfAll(pixels), width, height);
      expect({
        ...{ width, height, kind, pdq: hashText(pdq), quality },
        pixels: createHash('sha256').update(pixels).digest('hex').slice(0, 16),
      }).toEqual(vector);
    },
  );

  it('has a short hash of 64 bits, of which half are set unless there is too little to see', () => {
    const luma = lumaOfAll(drawPixels({ width: 96, height: 64, seed: 5, kind: 'noise' }));
    const { phash } = pdqHash(luma, 96, 64);
    const bits = BigInt(`0x${hashText(phash)}`)
      .toString(2)
      .replaceAll('0', '').length;
    expect(bits).toBe(32);
  });
});
