/** Whole images of many kinds, created by sharp's encoders and by this project's own encoder. */
import sharp from 'sharp';
import { makeJpeg } from './make-jpeg';
import { createRandom } from './random';

export interface GoodImage {
  readonly name: string;
  readonly format: 'jpeg' | 'png';
  readonly bytes: Buffer;
}

type Kind = 'grey' | 'colour' | 'alpha';
const CHANNELS = { grey: 1, colour: 3, alpha: 4 } as const;

/** An image with waves on the left, and with waves and noise on the right. */
function drawImage(width: number, height: number, kind: Kind): sharp.Sharp {
  const channels = CHANNELS[kind];
  const random = createRandom(width * 31 + height);
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at += 1) {
    const pixel = Math.floor(at / channels);
    const x = pixel % width;
    const wave = 128 + 90 * Math.sin(x / 7 + (at % channels)) * Math.cos(pixel / width / 9);
    pixels[at] = Math.max(0, Math.min(255, wave + (random(61) - 30) * (x > width / 2 ? 1 : 0.1)));
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

const SIZES = [
  [1, 1],
  [7, 9],
  [48, 48],
  [121, 83],
  [333, 251],
] as const;

const JPEG_OPTIONS: Readonly<Record<string, sharp.JpegOptions>> = {
  plain: {},
  'standard tables': { optimiseCoding: false },
  'without subsampling': { chromaSubsampling: '4:4:4' },
  mozjpeg: { mozjpeg: true },
  trellis: { trellisQuantisation: true, overshootDeringing: true },
  progressive: { progressive: true },
  'progressive without subsampling': { progressive: true, chromaSubsampling: '4:4:4' },
  'progressive, optimised scans': { progressive: true, optimiseScans: true },
  'quality 5': { quality: 5 },
  'quality 100': { quality: 100, chromaSubsampling: '4:4:4' },
  'progressive, quality 100': { progressive: true, quality: 100 },
};

const PNG_OPTIONS: Readonly<Record<string, sharp.PngOptions>> = {
  plain: {},
  stored: { compressionLevel: 0 },
  'all filters': { adaptiveFiltering: true, compressionLevel: 9 },
  interlaced: { progressive: true },
  '2 colours': { palette: true, effort: 1, colours: 2 },
  '4 colours': { palette: true, effort: 1, colours: 4 },
  '16 colours': { palette: true, effort: 1, colours: 16 },
  '256 colours, interlaced': { palette: true, effort: 1, colours: 256, progressive: true },
};

/** Creates every `every`th of about 200 images. */
export async function goodImages(every = 1): Promise<readonly GoodImage[]> {
  const makers = [...jpegMakers(), ...pngMakers()].filter((_, n) => n % every === 0);
  return [...(await Promise.all(makers.map((make) => make()))), ...restartJpegs()];
}

type Maker = () => Promise<GoodImage>;

function jpegMakers(): readonly Maker[] {
  return SIZES.flatMap(([width, height]) =>
    (['colour', 'grey', 'cmyk'] as const).flatMap((kind) =>
      Object.entries(JPEG_OPTIONS).map(([name, options]) => async () => {
        const image =
          kind === 'cmyk'
            ? drawImage(width, height, 'colour').toColourspace('cmyk')
            : drawImage(width, height, kind);
        return {
          name: `JPEG ${width} × ${height} ${kind}, ${name}`,
          format: 'jpeg' as const,
          bytes: await image.jpeg(options).toBuffer(),
        };
      }),
    ),
  );
}

function pngMakers(): readonly Maker[] {
  const spaces = { grey: ['b-w', 'grey16'], colour: ['srgb', 'rgb16'], alpha: ['srgb', 'rgb16'] };
  return SIZES.flatMap(([width, height]) =>
    (['colour', 'grey', 'alpha'] as const).flatMap((kind) =>
      Object.entries(PNG_OPTIONS).flatMap(([name, options]) =>
        spaces[kind].map((space) => async () => ({
          name: `PNG ${width} × ${height} ${kind} ${space}, ${name}`,
          format: 'png' as const,
          bytes: await drawImage(width, height, kind).toColourspace(space).png(options).toBuffer(),
        })),
      ),
    ),
  );
}

/** JPEGs with different restart intervals. */
function restartJpegs(): readonly GoodImage[] {
  return [0, 1, 3, 5].flatMap((restartInterval) =>
    [true, false].map((isGrey) => ({
      name: `JPEG by hand, restarts ${restartInterval}, grey ${String(isGrey)}`,
      format: 'jpeg' as const,
      bytes: makeJpeg(createRandom(restartInterval + 7), {
        width: 80,
        height: 61,
        isGrey,
        restartInterval,
      }),
    })),
  );
}
