/**
 * Sections N and I: more answers and files as servers have sent them, each of a kind that other
 * cases have too.
 */
import { head, raw, rawThenClose, reply, type Answer } from '../helpers/hosts/lying-server';
import { pngChunk } from '../helpers/images/png';
import {
  fails,
  failsForNow,
  stored,
  TWICE_DAMAGED,
  type Expected,
  type FaultCase,
} from './fault-case';
import { image, text, type Body } from './file-served-whole';

const whole = stored({ bytes: ({ jpeg }) => jpeg });
const CHUNKED = head('200 OK', { 'transfer-encoding': 'chunked' });

type Parts = (jpeg: Buffer, hex: string) => readonly (string | Buffer)[];

const sent = (row: string, what: string, parts: Parts, expected: Expected): FaultCase => ({
  row,
  what,
  serve: ({ jpeg }) => raw(...parts(jpeg, jpeg.length.toString(16))),
  expected,
});

/** The connection ends behind the answer. */
const closed = (row: string, what: string, parts: Parts, expected: Expected): FaultCase => ({
  row,
  what,
  serve: ({ jpeg }) => rawThenClose(...parts(jpeg, jpeg.length.toString(16))),
  expected,
});

const sized = (jpeg: Buffer, line: string): string =>
  `${line}\r\ncontent-length: ${jpeg.length}\r\n\r\n`;

const heads: readonly FaultCase[] = [
  sent('N32', 'no words behind the status', (jpeg) => [sized(jpeg, 'HTTP/1.1 200'), jpeg], whole),
  sent('N32', 'words in UTF-8', (jpeg) => [sized(jpeg, 'HTTP/1.1 200 Größe ✓'), jpeg], whole),
  sent(
    'N32',
    'empty lines before the head',
    (jpeg) => [`\r\n\r\n${sized(jpeg, 'HTTP/1.1 200 OK')}`, jpeg],
    whole,
  ),
  sent(
    'N32',
    'a length with zeros before it',
    (jpeg) => [`HTTP/1.1 200 OK\r\ncontent-length: 000${jpeg.length}\r\n\r\n`, jpeg],
    whole,
  ),
  sent(
    'N27',
    '103 twice, and 102',
    (jpeg) => [
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(2),
      'HTTP/1.1 102 Processing\r\n\r\n',
      sized(jpeg, 'HTTP/1.1 200 OK'),
      jpeg,
    ],
    whole,
  ),
  sent(
    'N14',
    'a cookie in each of 300 headers',
    (jpeg) => [
      `HTTP/1.1 200 OK\r\n${'set-cookie: a=b\r\n'.repeat(300)}content-length: ${jpeg.length}\r\n\r\n`,
      jpeg,
    ],
    whole,
  ),
];

const chunks: readonly FaultCase[] = [
  sent(
    'N7',
    'chunked, with trailers',
    (jpeg, hex) => [CHUNKED, `${hex}\r\n`, jpeg, '\r\n0\r\nx-checksum: abc\r\n\r\n'],
    whole,
  ),
  sent(
    'N7',
    'chunked, with extensions',
    (jpeg, hex) => [CHUNKED, `${hex};a=b;c="d"\r\n`, jpeg, '\r\n0;last\r\n\r\n'],
    whole,
  ),
  closed(
    'N6',
    'the transfer coding identity, up to the end of the connection',
    (jpeg) => [head('200 OK', { 'transfer-encoding': 'identity' }), jpeg],
    whole,
  ),
  closed(
    'N4',
    'the transfer coding identity, cut',
    (jpeg) => [head('200 OK', { 'transfer-encoding': 'Identity' }), jpeg.subarray(0, 600)],
    failsForNow('truncated'),
  ),
];

const CUT_BEFORE_IT = failsForNow('empty', { detail: 'before the first byte' });

const nothing: readonly FaultCase[] = [
  closed('N31', 'no byte and no length', () => ['HTTP/1.1 200 OK\r\n\r\n'], CUT_BEFORE_IT),
  closed(
    'N31',
    'no byte and no length, HTTP/1.0',
    () => ['HTTP/1.0 200 OK\r\ncontent-type: image/jpeg\r\n\r\n'],
    CUT_BEFORE_IT,
  ),
  sent('N31', '201 without a byte', () => ['HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n'], {
    ...fails('empty'),
  }),
];

const json = (body: string): Answer =>
  reply('200 OK', { 'content-type': 'image/jpeg' }, Buffer.from(body));

const errors: readonly FaultCase[] = (
  [
    ['JSON that says it is an image', '{"error":{"code":404}}', /^begins with "\{\\"error/],
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\n',
      'a pointer of Git LFS',
    ],
    ['the source of a program', '<?php header("Content-Type: image/jpeg");', 'a PHP program'],
    ['zeros', '\0'.repeat(5_000), /^zeros: /],
    ['EPS', '%!PS-Adobe-3.0 EPSF-3.0\n', /^PostScript: /],
  ] as const
).map(([what, body, detail]) => ({
  row: 'N29',
  what,
  serve: () => json(body),
  expected: fails('not_an_image', { detail }),
}));

const behind = (what: string, before: string, detail: string): FaultCase =>
  image('I10', what, ({ jpeg }) => Buffer.concat([Buffer.from(before), jpeg]), {
    ...fails('not_an_image', { detail }),
  });

const WARNING =
  '\n<b>Warning</b>: imagecreate() in <b>/var/www/html/images/show.php</b> on line <b>3</b><br />\n';

const prefixed: readonly FaultCase[] = [
  behind('a JPEG behind a long warning', WARNING, `a JPEG behind ${WARNING.length} bytes`),
  behind('a JPEG behind a header of 128 bytes', '\0'.repeat(128), 'a JPEG behind 128 bytes'),
  behind(
    'a JPEG as a part of a form',
    '--x\r\nContent-Type: image/jpeg\r\n\r\n',
    'a JPEG behind 33 bytes',
  ),
];

const halfOf = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

/** Cut in the middle and filled with zeros to its length, as by a copy that was not finished. */
const zeroFilled = (bytes: Buffer): Buffer => {
  const copy = Buffer.alloc(bytes.length);
  halfOf(bytes).copy(copy);
  return copy;
};

const ZEROS_IN_JPEG: Expected = { ...TWICE_DAMAGED, detail: /in(side)? (zeros inside )?a scan/ };
const inSignature = { ...TWICE_DAMAGED, detail: 'inside the signature' };

const cut: readonly FaultCase[] = [
  image('I1', 'a JPEG whose second half is zeros', ({ jpeg }) => zeroFilled(jpeg), ZEROS_IN_JPEG),
  image(
    'I1',
    'a JPEG whose last quarter is zeros',
    ({ jpeg }) => Buffer.concat([jpeg.subarray(0, -300), Buffer.alloc(300)]),
    ZEROS_IN_JPEG,
  ),
  image(
    'I1',
    'a whole JPEG with zeros instead of its EOI',
    ({ jpeg }) => Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(500)]),
    stored({ format: 'jpeg', verdict: 'suspect', detail: 'no EOI, every pixel is there' }),
  ),
  image('I4', 'a PNG whose second half is zeros', ({ png }) => zeroFilled(png), fails('corrupt')),
  image('I1', 'two bytes of a JPEG', ({ jpeg }) => jpeg.subarray(0, 2), inSignature),
  image('I1', 'five bytes of a PNG', ({ png }) => png.subarray(0, 5), inSignature),
  image('I1', 'ten bytes of a WebP', ({ webp }) => webp.subarray(0, 10), inSignature),
  image('I1', 'three bytes of a TIFF', ({ tiff }) => tiff.subarray(0, 3), inSignature),
  image('I1', 'twelve bytes of a WebP', ({ webp }) => webp.subarray(0, 12), TWICE_DAMAGED),
  image('I1', 'eight bytes of a TIFF', ({ tiff }) => tiff.subarray(0, 8), TWICE_DAMAGED),
  image('I1', 'the first box of an AVIF', (all) => firstBox(all.avif), TWICE_DAMAGED),
  image('I1', 'a WebP without its last byte', ({ webp }) => webp.subarray(0, -1), TWICE_DAMAGED),
  image('I1', 'an AVIF without its last byte', ({ avif }) => avif.subarray(0, -1), TWICE_DAMAGED),
  closed(
    'N4',
    'two bytes of a JPEG, without a length',
    (jpeg) => ['HTTP/1.1 200 OK\r\n\r\n', jpeg.subarray(0, 2)],
    failsForNow('truncated'),
  ),
];

const firstBox = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.readUInt32BE(0));

const valid = (format: string, detail: string | null = null): Expected =>
  stored({ format, verdict: 'valid', detail });
const inPng =
  (chunk: Buffer): Body =>
  ({ png }) =>
    Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);

const TRACKER = 'R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==';
const animation = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]);

const fine: readonly FaultCase[] = [
  image('I7', 'a GIF of one pixel', () => Buffer.from(TRACKER, 'base64'), valid('gif')),
  image('I8', 'an animated PNG', inPng(pngChunk('acTL', animation)), valid('png')),
  image('I7', 'a PNG with a chunk of its own', inPng(pngChunk('teSt', animation)), valid('png')),
  image(
    'I3',
    'a second JPEG behind a JPEG',
    ({ jpeg }) => Buffer.concat([jpeg, jpeg]),
    valid('jpeg', 'trailing_bytes'),
  ),
  image(
    'I3',
    'a video behind a JPEG',
    ({ jpeg }) => Buffer.concat([jpeg, Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0')]),
    valid('jpeg', 'trailing_bytes'),
  ),
  image('I10', 'a cursor', text('\0\0\x02\0\x01\0\x10\x10\0\0'), {
    ...fails('type_not_allowed', { detail: 'ico' }),
  }),
];

export const strangerCases: readonly FaultCase[] = [
  ...heads,
  ...chunks,
  ...nothing,
  ...errors,
  ...prefixed,
  ...cut,
  ...fine,
];
