/** What EXIF says of pictures: of files that a library wrote, and of blocks that are damaged. */
import sharp from 'sharp';
import { pictureMetadata } from '../../src/features/metadata/picture-metadata';
import { readMetadataBlocks } from '../../src/images/metadata-blocks';

const PIXELS = { pixels: 1e8 };
const NO_BLOCKS = { exif: null, xmp: null, iptc: null };
const NOTHING = { takenAt: null, metadata: null };

/** `IFD2` is the directory of the exposure, and `IFD3` that of the place. */
const CAMERA = {
  IFD0: { Make: 'Canon', Model: 'EOS 5D Mark IV', Software: 'GIMP 2.10', Artist: 'SECRET' },
  IFD2: {
    DateTimeOriginal: '2021:05:01 12:30:59',
    OffsetTimeOriginal: '+02:00',
    LensModel: 'EF 50mm',
    ExposureTime: '1/250',
    FNumber: '28/10',
    ISOSpeedRatings: '400',
    FocalLength: '50/1',
    BodySerialNumber: 'SECRET',
  },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
};

type Exif = Parameters<sharp.Sharp['withExif']>[0];

function blank(): sharp.Sharp {
  return sharp({ create: { width: 8, height: 6, channels: 3, background: 'teal' } });
}

function withExif(exif: Exif): sharp.Sharp {
  return blank().withExif(exif);
}

async function metadataOf(bytes: Buffer): Promise<ReturnType<typeof pictureMetadata>> {
  return pictureMetadata(await readMetadataBlocks(bytes, PIXELS));
}

describe('the metadata of a picture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)(
    'has the time, the camera and the exposure of a %s, and neither place nor owner',
    async (format) => {
      const found = await metadataOf(await withExif(CAMERA).toFormat(format).toBuffer());
      expect(found).toEqual({
        takenAt: '2021-05-01T12:30:59',
        metadata: {
          orientation: 1,
          make: 'Canon',
          model: 'EOS 5D Mark IV',
          lens: 'EF 50mm',
          software: 'GIMP 2.10',
          takenAtOffset: '+02:00',
          exposureSeconds: 0.004,
          fNumber: 2.8,
          iso: 400,
          focalLength: 50,
        },
      });
    },
  );

  it('says how the pixels are turned in the file', async () => {
    const turned = await blank().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await metadataOf(turned)).metadata).toMatchObject({ orientation: 6 });
  });

  it.each([
    ['0000:00:00 00:00:00', null],
    ['2021:02:30 12:00:00', null],
    ['yesterday', null],
    ['2021:05:01 25:00:00', null],
    ['2020-02-29 23:59:59', '2020-02-29T23:59:59'],
  ])('takes %s for %s', async (text, expected) => {
    const bytes = await withExif({ IFD2: { DateTimeOriginal: text } })
      .jpeg()
      .toBuffer();
    expect((await metadataOf(bytes)).takenAt).toBe(expected);
  });

  it('is nothing for a file without EXIF, and for one that is no picture', async () => {
    expect(await metadataOf(await blank().jpeg().toBuffer())).toEqual(NOTHING);
    expect(await metadataOf(Buffer.from('no picture'))).toEqual(NOTHING);
  });
});

describe('a damaged block of EXIF', () => {
  it('gives what can be read, wherever it is cut or changed, and never fails', async () => {
    const bytes = await withExif(CAMERA).jpeg().toBuffer();
    const block = (await readMetadataBlocks(bytes, PIXELS)).exif ?? Buffer.alloc(0);
    expect(block.length).toBeGreaterThan(200);
    for (let end = 0; end < block.length; end += 1)
      expect(pictureMetadata({ ...NO_BLOCKS, exif: block.subarray(0, end) })).toHaveProperty(
        'takenAt',
      );
    for (let at = 0; at < block.length; at += 1) {
      const changed = Buffer.from(block);
      changed[at] = 255;
      expect(pictureMetadata({ ...NO_BLOCKS, exif: changed })).toHaveProperty('metadata');
    }
  });

  it('whose directories refer to themselves is read once', () => {
    // Big-endian; one entry, whose value is the place of its own directory.
    const block = Buffer.from('4d4d002a00000008000187690004000000010000000800000000', 'hex');
    expect(pictureMetadata({ ...NO_BLOCKS, exif: block })).toEqual(NOTHING);
  });
});
