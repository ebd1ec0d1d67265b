/** Sections I7 and I10: whole images of kinds that are rare, and not decoded. */
import { deflateRawSync } from 'node:zlib';
import { rawThenClose } from '../helpers/hosts/lying-server';
import { PNG_SIGNATURE, pngChunk } from '../helpers/images/png';
import { SECOND, stripOf, stripTags, tiffOf, type TiffTag } from '../helpers/images/tiff';
import {
  fails,
  failsForNow,
  stored,
  TWICE_DAMAGED,
  type Expected,
  type FaultCase,
} from './fault-case';
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

const tiffWith = (bits: readonly number[], photometric?: number, more: readonly TiffTag[] = []) =>
  tiffOf({ tags: [...stripTags(bits, photometric), ...more], data: stripOf(bits) });

const GREY = 1;
const RGB = 2;
const LAB = 8;
const OF_A_SENSOR = 32_803;
const MAKE = 271;
const SUB_DIRECTORIES = 330;
const SAMPLE_FORMAT = 339;
const DNG_VERSION = 50_706;
const FLOAT = 3;

/** Grey pixels of 64 bits, as floating-point numbers. */
const floatTiff = tiffWith([64], GREY, [[SAMPLE_FORMAT, FLOAT]]);

/** A preview in RGB, and the values of the sensor in a second directory. */
const withPreview = (make: string): Buffer =>
  tiffOf({
    tags: [...stripTags([8, 8, 8], RGB), [MAKE, { text: make }], [SUB_DIRECTORIES, SECOND]],
    second: stripTags([16], OF_A_SENSOR),
    data: stripOf([8, 8, 8]),
  });

const CANON = Buffer.from('CR\x02\0\0\0\0\0', 'latin1');
const cr2 = tiffOf({ tags: stripTags([8, 8, 8], RGB), data: stripOf([8, 8, 8]), mark: CANON });
const dng = tiffWith([8, 8, 8], RGB, [[DNG_VERSION, 0x0401]]);

const raw = (what: string, file: Buffer, format: string): FaultCase =>
  image('I7', what, () => file, unchecked('tiff', `a raw image of a camera (${format})`));

const unsized = (what: string, file: Buffer, expected: Expected): FaultCase => ({
  ...image('I7', what, () => file, expected),
  serve: () => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', file),
});

const withoutEnd = (file: Buffer): Buffer => file.subarray(0, file.length - 100);

/** It cannot be decoded, and its directory names bytes that are missing. */
const CUT: Expected = { ...TWICE_DAMAGED, detail: 'longer than what came' };

const tiffs: readonly FaultCase[] = [
  image('I7', 'a TIFF of 64 bits', () => floatTiff, unchecked('tiff', 'samples out of range')),
  image('I7', 'half a TIFF of 64 bits', () => floatTiff.subarray(0, 60), TWICE_DAMAGED),
  image(
    'I7',
    'a TIFF of 5, 6 and 5 bits',
    () => tiffWith([5, 6, 5], RGB),
    unchecked('tiff', 'samples of 5, 6, 5 bits'),
  ),
  image(
    'I7',
    'a TIFF whose samples differ in their format',
    () => tiffWith([8, 8, 8], RGB, [[SAMPLE_FORMAT, [1, 1, 2]]]),
    unchecked('tiff', 'samples of the formats 1, 1, 2'),
  ),
  image(
    'I7',
    'a TIFF that does not say what its samples mean',
    () => tiffWith([8, 8, 8]),
    unchecked('tiff', '262'),
  ),
  raw('a raw image of Canon', cr2, 'CR2'),
  raw('a raw image of Adobe', dng, 'DNG'),
  raw('a raw image of Nikon', withPreview('NIKON CORPORATION'), 'NEF'),
  raw('a raw image of Sony', withPreview('SONY'), 'ARW'),
  raw('a raw image of a scanner', tiffWith([16], OF_A_SENSOR), 'TIFF/EP'),
  image('I7', 'a raw image that is cut in its preview', () => withoutEnd(cr2), TWICE_DAMAGED),
  unsized(
    'a raw image without a length: its preview can be decoded',
    withPreview('NIKON'),
    stored({ format: 'tiff', verdict: 'suspect', detail: '(NEF)' }),
  ),
  image(
    'I1',
    'a TIFF that is cut in its pixels',
    () => withoutEnd(tiffWith([8], GREY)),
    TWICE_DAMAGED,
  ),
  image('I1', 'a TIFF of 12 bits that is cut', () => withoutEnd(tiffWith([12], GREY)), CUT),
  image('I1', 'a TIFF in CIELAB that is cut', () => withoutEnd(tiffWith([8, 8, 8], LAB)), CUT),
  unsized(
    'a TIFF that is cut in its pixels, without a length',
    withoutEnd(tiffWith([8], GREY)),
    failsForNow('truncated'),
  ),
];

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

export const rareKindCases: readonly FaultCase[] = [...unsupported, ...tiffs, ...others];
