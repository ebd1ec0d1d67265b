/** Sections I7 and I10: whole images of kinds that are rare, and not decoded. */
import { deflateRawSync } from 'node:zlib';
import { PNG_SIGNATURE, pngChunk } from '../helpers/png';
import { fails, stored, TWICE_DAMAGED, type Expected, type FaultCase } from './fault-case';
import { image, text, type Body } from './file-served-whole';

const unchecked = (format: string, detail: string): Expected =>
  stored({ format, verdict: 'unchecked', detail });

/** Four pixels wide and high, in grey. */
const HEADER = Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 0, 0, 0, 0]);
const ROWS = deflateRawSync(Buffer.alloc(20));

const END = pngChunk('IEND', Buffer.alloc(0));

const applePng = Buffer.concat([
  PNG_SIGNATURE,
  pngChunk('CgBI', Buffer.from([0x50, 0, 0x20, 2])),
  pngChunk('IHDR', HEADER),
  pngChunk('IDAT', ROWS),
  END,
]);

const withWrongChecksum = Buffer.from(applePng);
withWrongChecksum.writeUInt8(1, applePng.indexOf('IDAT') + 5);

/** Behind the signature and the header, each chunk with its length, type and checksum. */
const HEADER_END = 8 + 12 + 13;

const withMoreChunks = (type: string): Body => {
  const more = pngChunk(type, Buffer.from('more'));
  return ({ png }) => Buffer.concat([png.subarray(0, HEADER_END), more, png.subarray(HEADER_END)]);
};

/** Returns the JPEG with another marker instead of that of its frame. */
const jpegOfProcess =
  (marker: number): Body =>
  ({ jpeg }) => {
    const copy = Buffer.from(jpeg);
    copy.writeUInt8(marker, copy.indexOf(Buffer.from([0xff, 0xc0])) + 1);
    return copy;
  };

const JPEG_LS = 0xf7;
const HIERARCHICAL = 0xde;
const RESERVED = 0xf3;

/** One grey pixel of 64 bits, as a floating-point number. */
const floatTiff = Buffer.alloc(120);
floatTiff.write('II*\0\x08', 'latin1');
floatTiff.writeUInt16LE(9, 8);
(
  [
    [256, 1],
    [257, 1],
    [258, 64],
    [259, 1],
    [262, 1],
    [273, 112],
    [278, 1],
    [279, 8],
    [339, 3],
  ] as const
).forEach(([tag, value], index) => {
  const at = 10 + 12 * index;
  floatTiff.writeUInt16LE(tag, at);
  floatTiff.writeUInt16LE(3, at + 2);
  floatTiff.writeUInt32LE(1, at + 4);
  floatTiff.writeUInt32LE(value, at + 8);
});

const unsupported: readonly FaultCase[] = [
  image('I7', 'a PNG of Apple’s tools', () => applePng, unchecked('png', 'CgBI')),
  image('I7', 'half such a PNG', () => applePng.subarray(0, -20), TWICE_DAMAGED),
  image('I7', 'such a PNG without its end', () => applePng.subarray(0, -12), TWICE_DAMAGED),
  image('I7', 'such a PNG with other bytes', () => withWrongChecksum, fails('corrupt')),
  image('I7', 'a PNG with a new critical chunk', withMoreChunks('HaLF'), unchecked('png', 'HaLF')),
  image('I7', 'a PNG with a chunk of no valid type', withMoreChunks('Half'), fails('corrupt')),
  image(
    'I7',
    'a PNG with a new chunk that need not be known',
    withMoreChunks('haLf'),
    stored({ format: 'png', verdict: 'valid', detail: null }),
  ),
  image('I7', 'a JPEG-LS', jpegOfProcess(JPEG_LS), unchecked('jpeg', 'JPEG-LS')),
  image(
    'I7',
    'a hierarchical JPEG',
    jpegOfProcess(HIERARCHICAL),
    unchecked('jpeg', 'hierarchical'),
  ),
  image('I7', 'a JPEG with a reserved marker', jpegOfProcess(RESERVED), fails('corrupt')),
  image('I7', 'a TIFF of 64 bits', () => floatTiff, unchecked('tiff', 'samples out of range')),
  image('I7', 'half a TIFF of 64 bits', () => floatTiff.subarray(0, 60), TWICE_DAMAGED),
];

const named = (what: string, file: string, kind: string): FaultCase =>
  image('I10', what, text(file), fails('type_not_allowed', { detail: kind }));

const PIXELS = '\x01\x02\x03'.repeat(16);
const heif = (brand: string): string => `\0\0\0\x14ftyp${brand}\0\0\0\0${brand}`;

const others: readonly FaultCase[] = [
  named('a QOI', `qoif\0\0\0\x04\0\0\0\x04\x03\0${PIXELS}`, 'QOI is neither decoded nor kept'),
  named('a plain text of pixels', 'P3\n# by hand\n2 2 255\n1 2 3', 'Netpbm'),
  named('an OpenEXR', 'v/1\x01\x02\0\0\0channels\0', 'OpenEXR'),
  named('a Radiance HDR', '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4\n', 'Radiance HDR'),
  named('a JPEG XR', `II\xbc\x01\x08\0\0\0${'\0'.repeat(40)}`, 'JPEG XR'),
  named('a TGA', `\0\0\x02${'\0'.repeat(9)}\x04\0\x04\0\x18\x20${PIXELS}`, 'TGA'),
  named('a WBMP', '\0\0\x08\x02\xff\xff', 'WBMP'),
  named('a raw image of Canon', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom', '(CR3)'),
  named('an HEIF with JPEGs', heif('jpeg'), '--keep heic'),
  named('an HEIF of the second version', heif('mif2'), '--keep heic'),
  named(
    'a BMP whose reserved words are used',
    `BM\x46\0\0\0\x07\0\x09\0\x36\0\0\0\x28\0\0\0${'\0'.repeat(40)}`,
    '--keep bmp',
  ),
  image(
    'I10',
    'a text that begins with P1',
    text('P1 is the first of 3 parts'),
    fails('not_an_image'),
  ),
  image(
    'I10',
    'a text that begins with BM',
    text(`BM, or Bridge Master${'.'.repeat(40)}`),
    fails('not_an_image'),
  ),
  image('I10', 'zeros', () => Buffer.alloc(64), fails('not_an_image', { detail: 'zeros' })),
];

export const rareKindCases: readonly FaultCase[] = [...unsupported, ...others];
