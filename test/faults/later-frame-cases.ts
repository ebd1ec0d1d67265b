/** Section I: files that are cut behind their first picture, and the whole ones beside them. */
import { rawThenClose } from '../helpers/hosts/lying-server';
import { PNG_SIGNATURE, pngChunk } from '../helpers/images/png';
import { stripOf, stripTags, tiffOf } from '../helpers/images/tiff';
import { failsForNow, stored, TWICE_DAMAGED, type Expected, type FaultCase } from './fault-case';
import { image, type Body } from './file-served-whole';

const unsized = (what: string, body: Body, expected: Expected): FaultCase => ({
  ...image('I8', what, body, expected),
  serve: (images) => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', body(images)),
});

const HEADER_END = PNG_SIGNATURE.length + 12 + 13;
const IEND_BYTES = 12;
const FRAME_CONTROL = pngChunk('fcTL', Buffer.alloc(26));
const FRAME_DATA = pngChunk('fdAT', Buffer.alloc(200));

/** An animation of three frames, of which only the first can be decoded. */
const animation: Body = ({ png }) =>
  Buffer.concat([
    png.subarray(0, HEADER_END),
    pngChunk('acTL', Buffer.from([0, 0, 0, 3, 0, 0, 0, 0])),
    FRAME_CONTROL,
    png.subarray(HEADER_END, -IEND_BYTES),
    FRAME_CONTROL,
    FRAME_DATA,
    FRAME_CONTROL,
    FRAME_DATA,
    png.subarray(-IEND_BYTES),
  ]);

const without =
  (byteCount: number, body: Body): Body =>
  (images) =>
    body(images).subarray(0, -byteCount);

const SECOND_FRAME_ONLY = FRAME_CONTROL.length + FRAME_DATA.length + IEND_BYTES;

const animations: readonly FaultCase[] = [
  image('I8', 'a PNG of three frames', animation, stored({ format: 'png', verdict: 'valid' })),
  image('I8', 'a PNG that is cut in its last frame', without(100, animation), TWICE_DAMAGED),
  image(
    'I8',
    'a PNG that is cut behind its second frame',
    without(SECOND_FRAME_ONLY, animation),
    TWICE_DAMAGED,
  ),
  image(
    'I8',
    'a PNG of three frames without IEND',
    without(IEND_BYTES, animation),
    stored({ format: 'png', verdict: 'suspect', detail: 'no IEND' }),
  ),
  unsized(
    'a PNG that is cut in its last frame, without a length',
    without(100, animation),
    failsForNow('truncated'),
  ),
];

const NEXT = -4;

/** Two pages: the second directory is behind the first one, which names it as the next. */
function tiffOfTwoPages(): Buffer {
  const one = tiffOf({ tags: stripTags([8], 1), data: stripOf([8]) });
  const entries = 12 * one.readUInt16LE(8);
  const directory = Buffer.from(one.subarray(8, 8 + 2 + entries + 4));
  const both = Buffer.concat([one, Buffer.alloc(one.length % 2), directory]);
  both.writeUInt32LE(both.length - directory.length, 8 + 2 + entries + 4 + NEXT);
  return both;
}

const pages = tiffOfTwoPages();

const tiffs: readonly FaultCase[] = [
  image(
    'I8',
    'a TIFF of two pages',
    () => pages,
    stored({ format: 'tiff', verdict: 'valid', detail: '2 pages, the first decoded' }),
  ),
  image('I8', 'a TIFF that is cut in its second page', () => pages.subarray(0, -20), TWICE_DAMAGED),
  unsized(
    'a TIFF that is cut in its second page, without a length',
    () => pages.subarray(0, -20),
    failsForNow('truncated'),
  ),
];

/** Ten pixels wide and high. Its data contain 0xff 0x12, which is a marker in other JPEGs. */
const JPEG_LS = Buffer.from(
  '/9j/6AAgU1BJRkYAAgAAAQAAAAoAAAAKCggGAQAAASwAAAEs/+gACAAAAAH/2P/3AAsIAAoACgEBEQD/2gAIAQEAAAAAAAAGAAAB1lBh7iSIB8+UGIAAAD3AAAA6oAAALGAAADrAAsB9mRwAAAWEAAAH6CIYdQAIBB/AAABigAAAbEAAAH11qYAAAOWkdEAAAAGZYQ0v0Vb/EutIAAAMiAAgym4AAAHYIAAADMAAAAvu3IonKrZcAAABenoWDuGAAABYSS/AcgAAA/jJnHR+VraoAAAOQAAACtjgAAA841LBjIBFADiOfgAAEG0VHSqAAADnSzUIhsD/2Q==',
  'base64',
);

const jpegs: readonly FaultCase[] = [
  image(
    'I7',
    'a JPEG-LS of an encoder',
    () => JPEG_LS,
    stored({ format: 'jpeg', verdict: 'unchecked', detail: 'JPEG-LS' }),
  ),
  image('I7', 'half a JPEG-LS of an encoder', () => JPEG_LS.subarray(0, 125), TWICE_DAMAGED),
];

export const laterFrameCases: readonly FaultCase[] = [...animations, ...tiffs, ...jpegs];
