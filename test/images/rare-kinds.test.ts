/** Kinds of images that are neither decoded nor kept: each is named, and nothing else is. */
import { decodePixels } from '../../src/images/decode-pixels';
import { headerSize } from '../../src/images/header-size';
import { imageSignature } from '../../src/images/image-signature';
import { otherImageKind } from '../../src/images/kinds/other-image-kinds';
import { PNG_SIGNATURE, pngChunk } from '../helpers/images/png';

/** The name of the kind of a file that has these bytes, and zeros up to its size. */
function kindOf(beginning: string, size = 512): string | null {
  const bytes = Buffer.alloc(size);
  bytes.write(beginning, 'latin1');
  return otherImageKind(bytes, size);
}

it.each([
  ['FLIF31', 'FLIF'],
  ['BPG\xfb\x20', 'BPG'],
  ['DDS \x7c\0\0\0', 'DDS'],
  ['\xabKTX 20\xbb\r\n\x1a\n', 'KTX'],
  ['\x8aMNG\r\n\x1a\n', 'MNG'],
  ['\x8bJNG\r\n\x1a\n', 'JNG'],
  ['P5 2 2\n255\n', 'Netpbm'],
  ['P7\nWIDTH 2\n', 'Netpbm (PAM)'],
  ['PF\n2 2\n-1.0\n', 'PFM'],
  ['/* XPM */\nstatic', 'XPM'],
  ['#define a_width 8\n#define a_height 1\nstatic', 'XBM'],
  ['\x01\xda\x01\x01\0\x03', 'SGI'],
  ['\x59\xa6\x6a\x95', 'Sun raster'],
  ['\x0a\x05\x01\x08', 'PCX'],
  ['icns\0\0\x01\0ic07', 'ICNS'],
  ['RIFF\0\0\0\x04ACON', 'ANI'],
  ['FORM\0\0\0\x28ILBM', 'IFF (ILBM)'],
  ['AT&TFORM\0\0\0\x28DJVU', 'DjVu'],
  [`${'\0'.repeat(128)}DICM`, 'DICOM'],
  [`SIMPLE  =${' '.repeat(20)}T`, 'FITS'],
  [`\x01\0\0\0\x58${'\0'.repeat(35)} EMF`, 'EMF'],
  ['BA\x2c\0\0\0\0\0\0\0\0\0\0\0BM\x2a\0\0\0\0\0\0\0\x1a\0\0\0\x0c', 'a bitmap or icon of OS/2'],
  ['IIRO\x08\0\0\0', 'a raw image of a camera (ORF)'],
  ['IIU\0\x08\0\0\0', 'a raw image of a camera (RW2)'],
  ['FUJIFILMCCD-RAW 0201', 'a raw image of a camera (RAF)'],
])('%j begins a file of the kind %s', (beginning, kind) => {
  expect(kindOf(beginning)).toBe(kind);
});

it.each([
  'P6 of the house stands in 2 rows',
  'Photograph 5 2 2',
  'ICing on 12 cakes, of which more below',
  'CI is 40 years old, and so is the house',
  'RIFFraff',
  '<!DOCTYPE html><html><body>#define a_width 8',
  '',
])('%j begins no image', (beginning) => {
  expect(kindOf(beginning)).toBeNull();
});

const TGA = `\0\0\x02${'\0'.repeat(9)}\x04\0\x04\0\x18\x20`;

it('a file is named a TGA only if each field is allowed and its pixels fit into the file, and no TGA is taken for an ICO', () => {
  expect(kindOf(TGA, 18 + 48)).toBe('TGA');
  expect(kindOf(TGA, 18 + 47)).toBeNull();
  expect(kindOf(TGA.replace('\x18', '\x17'))).toBeNull();
  expect(kindOf(TGA.replace('\x20', '\x80'))).toBeNull();
  expect(imageSignature(Buffer.from(TGA, 'latin1'))).toBeNull();
  expect(imageSignature(Buffer.from('\0\0\x02\0\x01\0', 'latin1'))).toMatchObject({ type: 'ico' });
});

it('a file is named a WBMP only if it has exactly its rows', () => {
  // 200 pixels need two groups of seven bits, and 25 bytes for each row.
  const header = '\0\0\x81\x48\x02';
  expect(kindOf(header, 5 + 50)).toBe('WBMP');
  expect(kindOf(header, 5 + 51)).toBeNull();
});

const applePng = Buffer.concat([
  PNG_SIGNATURE,
  pngChunk('CgBI', Buffer.alloc(4)),
  pngChunk('IHDR', Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 0, 0, 0, 0])),
  pngChunk('IDAT', Buffer.alloc(20)),
  pngChunk('IEND', Buffer.alloc(0)),
]);

it('the size of a PNG is not read where another chunk precedes the header', () => {
  expect(headerSize('png', applePng)).toEqual({ width: null, height: null });
});

it('computes no features of a PNG in Apple’s form, because its kind is not supported', async () => {
  const pixels = await decodePixels(applePng, { side: 8, pixels: 1_000 });
  expect(pixels).toMatchObject({
    ok: false,
    code: 'unsupported',
    detail: expect.stringContaining('CgBI') as string,
  });
});
