/** Reads the image header (IHDR) of a PNG. */
import { doubt, refuseTooManyPixels } from '../walk-result';

/** The header. `width` and `height` are in pixels, `depth` in bits per sample. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly bitsPerPixel: number;
  readonly isInterlaced: boolean;
}

/** The colour types of PNG. */
export const GREY = 0;
export const TRUE_COLOUR = 2;
export const INDEXED = 3;
export const GREY_ALPHA = 4;

/**
 * The samples per pixel and the allowed depths of each colour type.
 *
 * @see PNG (ISO/IEC 15948), section 11.2.2, table 11.1.
 */
const COLOUR_TYPES: Readonly<
  Record<number, { readonly samples: number; readonly depths: string }>
> = {
  [GREY]: { samples: 1, depths: '1 2 4 8 16' },
  [TRUE_COLOUR]: { samples: 3, depths: '8 16' },
  [INDEXED]: { samples: 1, depths: '1 2 4 8' },
  [GREY_ALPHA]: { samples: 2, depths: '8 16' },
  6: { samples: 4, depths: '8 16' },
};

/**
 * The longest side in pixels.
 *
 * @see PNG (ISO/IEC 15948), section 11.2.2.
 */
const MAX_SIDE = 2 ** 31 - 1;

/** `pixels` is the largest number of pixels that is accepted. */
export function readPngHeader(data: Buffer, pixels: number): PngHeader {
  if (data.length !== 13) doubt('an IHDR of a wrong length');
  const width = data.readUInt32BE(0);
  const height = data.readUInt32BE(4);
  const [depth = 0, colourType = 0, compression, filter, interlace = 0] = data.subarray(8);
  if (width === 0 || height === 0) doubt('a PNG without pixels');
  if (width > MAX_SIDE || height > MAX_SIDE) doubt('a PNG with an impossible side');
  refuseTooManyPixels(width, height, pixels);
  const colourTypeRules = COLOUR_TYPES[colourType];
  if (!colourTypeRules?.depths.split(' ').includes(String(depth))) {
    return doubt(`a PNG of colour type ${colourType} with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) doubt('a PNG of an unknown method');
  const bitsPerPixel = depth * colourTypeRules.samples;
  return { width, height, depth, colourType, bitsPerPixel, isInterlaced: interlace === 1 };
}
