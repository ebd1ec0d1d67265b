/** Section I: unusual files that are whole, and kinds that the decoder does not support. */
import { gzipSync } from 'node:zlib';
import { rawThenClose, reply } from '../helpers/hosts/lying-server';
import {
  fails,
  failsForNow,
  stored,
  TWICE_DAMAGED,
  type Expected,
  type FaultCase,
} from './fault-case';
import { image, text, type Body } from './file-served-whole';

const suspect = (format: string, detail: string): Expected =>
  stored({ format, verdict: 'suspect', detail });
const unchecked = (format: string, detail: string | RegExp): Expected =>
  stored({ format, verdict: 'unchecked', detail });

const behind = (words: string): Body => {
  const before = Buffer.from(words);
  return ({ jpeg }) => Buffer.concat([before, jpeg]);
};

/** Returns the file with another value for one of its tags, in little-endian order. */
const withTag =
  (tag: number, value: number): Body =>
  ({ tiff }) => {
    const copy = Buffer.from(tiff);
    const first = copy.readUInt32LE(4);
    for (let at = first + 2; at < first + 2 + 12 * copy.readUInt16LE(first); at += 12) {
      if (copy.readUInt16LE(at) !== tag) continue;
      copy.writeUInt16LE(3, at + 2);
      copy.writeUInt32LE(1, at + 4);
      copy.writeUInt32LE(value, at + 8);
    }
    return copy;
  };

const COMPRESSION = 259;

/** A JPEG whose header states 12 bits per sample. */
const deepJpeg: Body = ({ jpeg }) => {
  const copy = Buffer.from(jpeg);
  copy.writeUInt8(12, copy.indexOf(Buffer.from([0xff, 0xc0])) + 4);
  return copy;
};

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** An AVIF with several frames, of which none can be decoded. */
const avifSequence = Buffer.concat([
  box('ftyp', Buffer.from('avis\0\0\0\0avisavifmsf1miaf')),
  box('moov', Buffer.alloc(100)),
  box('mdat', Buffer.alloc(300, 3)),
]);

/** The body ends with its connection, so nothing states its length. */
const unsized = (what: string, body: Body, expected: Expected): FaultCase => ({
  ...image('I7', what, body, expected),
  serve: (images) => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', body(images)),
});

const noEoi = suspect('jpeg', 'no EOI, every pixel is there');
const noIend = suspect('png', 'no IEND, every row is there');

const unended: readonly FaultCase[] = [
  image('I1', 'a JPEG without its last two bytes', ({ jpeg }) => jpeg.subarray(0, -2), noEoi),
  image('I1', 'a JPEG without its last byte', ({ jpeg }) => jpeg.subarray(0, -1), noEoi),
  image(
    'I1',
    'a JPEG without its last three bytes',
    ({ jpeg }) => jpeg.subarray(0, -3),
    TWICE_DAMAGED,
  ),
  image('I1', 'a progressive JPEG without EOI', (all) => all.progressive.subarray(0, -2), noEoi),
  image(
    'I1',
    'a progressive JPEG that is cut',
    (all) => all.progressive.subarray(0, -3),
    TWICE_DAMAGED,
  ),
  image(
    'I1',
    'a JPEG with a trailer instead of EOI',
    ({ jpeg }) => Buffer.concat([jpeg.subarray(0, -2), Buffer.from('SEFHe\x01\0\0trailer')]),
    noEoi,
  ),
  image('I4', 'a PNG without IEND', ({ png }) => png.subarray(0, -12), noIend),
  image('I4', 'a PNG with half an IEND', ({ png }) => png.subarray(0, -6), noIend),
  image(
    'I4',
    'a PNG that is cut in its last rows',
    ({ png }) => png.subarray(0, -17),
    TWICE_DAMAGED,
  ),
];

/**
 * A file that is cut on its host, at another place for each request, though each answer arrives
 * whole. After `mendedAfter` requests the file is not cut any more.
 */
const cutElsewhere = (what: string, expected: Expected, mendedAfter = Infinity): FaultCase => ({
  row: 'I1',
  what,
  expected,
  serve:
    ({ jpeg }) =>
    (socket, request) => {
      const { before } = request;
      const body = before < mendedAfter ? jpeg.subarray(0, 900 - before) : jpeg;
      reply('200 OK', {}, body)(socket, request);
    },
});

const cut: readonly FaultCase[] = [
  cutElsewhere('a JPEG that is cut elsewhere each time', failsForNow('truncated')),
  cutElsewhere(
    'a JPEG that is cut at first',
    stored({ requests: 2, bytes: ({ jpeg }) => jpeg }),
    1,
  ),
];

const kinds: readonly FaultCase[] = [
  image('I7', 'a BigTIFF', ({ bigTiff }) => bigTiff, stored({ format: 'tiff', verdict: 'valid' })),
  image(
    'I7',
    'a TIFF of old-style JPEG',
    withTag(COMPRESSION, 6),
    unchecked('tiff', 'Old-style JPEG'),
  ),
  image('I7', 'a TIFF of ZSTD', withTag(COMPRESSION, 50_000), unchecked('tiff', 'ZSTD')),
  image('I7', 'a TIFF of LZMA', withTag(COMPRESSION, 34_925), unchecked('tiff', 'LZMA')),
  image('I7', 'a TIFF of 12 bits', withTag(258, 12), unchecked('tiff', 'whole number of bytes')),
  image('I7', 'a TIFF in CIELAB', withTag(262, 8), unchecked('tiff', 'bad labq format')),
  image('I7', 'a JPEG of 12 bits', deepJpeg, unchecked('jpeg', 'precision 12')),
  image('I7', 'an AVIF of several frames', () => avifSequence, unchecked('avif', /./)),
  unsized(
    'an AVIF of several frames, without a length',
    () => avifSequence,
    unchecked('avif', /./),
  ),
  unsized('a JPEG of 12 bits, without a length', deepJpeg, unchecked('jpeg', 'precision 12')),
  unsized('a TIFF of 12 bits, without a length', withTag(258, 12), fails('corrupt')),
  unsized(
    'half an AVIF of several frames',
    () => avifSequence.subarray(0, 200),
    failsForNow('truncated'),
  ),
  image('I7', 'a TIFF of noise', text(`II*\0${'\x07'.repeat(200)}`), fails('corrupt')),
];

const named = (detail: string | RegExp): Expected => fails('not_an_image', { detail });
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><svg></svg><g/></svg>';

const others: readonly FaultCase[] = [
  image('I9', 'a gzipped SVG', () => gzipSync(svg), named(/^gzip: begins with/)),
  image('I9', 'an SVG with another in it', text(svg), fails('type_not_allowed')),
  image('I9', 'a page with an SVG', text(`<!-- a --><html><!-- b -->${svg}`), named('<html>')),
  image('I9', 'a page that begins with an SVG', text(`${svg}<div>Gone</div>`), named('<svg')),
  image(
    'I10',
    'a JPEG XL',
    text('\xff\x0a\xfa\x1f\x01'),
    fails('type_not_allowed', { detail: 'JPEG XL' }),
  ),
  image(
    'I10',
    'a JPEG XL in its container',
    text('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl '),
    fails('type_not_allowed', { detail: 'JPEG XL' }),
  ),
  image('I10', 'a gzipped JPEG', ({ jpeg }) => gzipSync(jpeg), named(/^gzip: begins with/)),
  image('I10', 'a JPEG behind a line end', behind('\n'), named(/^a JPEG behind 1 byte: /)),
  image('I10', 'a JPEG behind two', behind('\r\n'), named(/^a JPEG behind 2 bytes: /)),
  image(
    'I10',
    'a JPEG behind a byte order mark',
    behind('\ufeff'),
    named(/^a JPEG behind 3 bytes: /),
  ),
  image(
    'I10',
    'a JPEG behind a warning',
    behind('<br/>Notice: x\n'),
    named(/^a JPEG behind 15 bytes: /),
  ),
  image('I10', 'a ZIP', text('PK\x03\x04\x14\0'), named('a ZIP archive')),
  image('I10', 'a video', text('\0\0\0\x18ftypisom\0\0\0\0'), named('a video (MP4)')),
  image(
    'I10',
    'a JPEG in base64',
    ({ jpeg }) => Buffer.from(jpeg.toString('base64')),
    named('base64'),
  ),
];

export const oddFileCases: readonly FaultCase[] = [...unended, ...cut, ...kinds, ...others];
