/** Section N13: Content-Encoding, although `identity` was requested. */
import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { head, raw, rawThenClose, reply, type Answer } from '../helpers/hosts/lying-server';
import {
  fails,
  failsForNow,
  stored,
  TWICE_DAMAGED,
  type Expected,
  type FaultCase,
} from './fault-case';
import type { SampleImages } from './sample-images';

type Body = (images: SampleImages) => Buffer;

const plain: Body = ({ jpeg }) => jpeg;
const whole = stored({ bytes: plain, verdict: 'valid', detail: null });

function coded(
  what: string,
  coding: string | readonly string[],
  body: Body,
  expected: Expected,
): FaultCase {
  const lines = [coding].flat().map((value) => `Content-Encoding: ${value}\r\n`);
  const answer = (bytes: Buffer): Answer =>
    raw(`HTTP/1.1 200 OK\r\n${lines.join('')}content-length: ${bytes.length}\r\n\r\n`, bytes);
  return { row: 'N13', what, serve: (images) => answer(body(images)), expected };
}

const noCodings = ['UTF-8', 'aws-chunked', '', 'binary', 'none', '8bit', 'image/jpeg', 'utf8, x-'];

const ignored: readonly FaultCase[] = [
  ...noCodings.map((value) => coded(`the word "${value}"`, value, plain, whole)),
  coded('two headers that name no coding', ['UTF-8', 'identity'], plain, whole),
  coded(
    'a page, and a word that is no coding',
    'UTF-8',
    () => Buffer.from('<html>Gone'),
    fails('not_an_image', { detail: /<html>Gone.*utf-8/ }),
  ),
];

/** Undefined before Node.js 22.15. */
const { zstdCompressSync: zstd } = zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer };

const decoded: readonly FaultCase[] = [
  coded('gzip', 'gzip', ({ jpeg }) => gzipSync(jpeg), whole),
  coded('gzip by its older name', 'X-GZip', ({ jpeg }) => gzipSync(jpeg), whole),
  coded('gzip behind aws-chunked', 'gzip, aws-chunked', ({ jpeg }) => gzipSync(jpeg), whole),
  coded('deflate', 'deflate', ({ jpeg }) => deflateSync(jpeg), whole),
  coded('deflate without zlib’s header', 'deflate', ({ jpeg }) => deflateRawSync(jpeg), whole),
  coded('br', 'br', ({ jpeg }) => brotliCompressSync(jpeg), whole),
  coded('gzip of br', 'br, gzip', ({ jpeg }) => gzipSync(brotliCompressSync(jpeg)), whole),
  coded('gzip of gzip', ['gzip', 'gzip'], ({ jpeg }) => gzipSync(gzipSync(jpeg)), whole),
  ...(zstd === undefined ? [] : [coded('zstd', 'zstd', ({ jpeg }) => zstd(jpeg), whole)]),
  {
    ...coded('gzip, chunked, in small pieces', 'gzip', plain, whole),
    serve: ({ jpeg }) => inPieces(gzipSync(jpeg)),
  },
  {
    ...coded('gzip that ends with its connection', 'gzip', plain, whole),
    serve: ({ jpeg }) =>
      rawThenClose(head('200 OK', { 'content-encoding': 'gzip' }), gzipSync(jpeg)),
  },
];

function inPieces(bytes: Buffer): Answer {
  const pieces: (string | Buffer)[] = [];
  for (let at = 0; at < bytes.length; at += 7)
    pieces.push(
      `${Math.min(7, bytes.length - at).toString(16)}\r\n`,
      bytes.subarray(at, at + 7),
      '\r\n',
    );
  const headers = { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' };
  return raw(head('200 OK', headers), ...pieces, '0\r\n\r\n');
}

const notCoded: readonly FaultCase[] = [
  'gzip',
  'deflate',
  'br',
  'zstd',
  'compress',
  'gzip, br',
].map((coding) => coded(`plain bytes that are called ${coding}`, coding, plain, whole));

const bomb = gzipSync(Buffer.alloc(50_000_000));
const brotliBomb = brotliCompressSync(Buffer.alloc(20_000_000));
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);

const tooLarge = fails('too_large');

const volumes: readonly FaultCase[] = [
  coded(
    'gzip of a large image',
    'gzip',
    ({ large }) => gzipSync(large),
    stored({ bytes: ({ large }) => large }),
  ),
  coded(
    'gzip, then padding',
    'gzip',
    ({ jpeg }) => Buffer.concat([gzipSync(jpeg), Buffer.alloc(200_000)]),
    whole,
  ),
  coded('a small gzip that becomes large', 'gzip', () => bomb, tooLarge),
  coded('a gzip of a gzip that becomes large', 'gzip, gzip', () => gzipSync(bomb), tooLarge),
  coded('a small br that becomes large', 'br', () => brotliBomb, tooLarge),
  coded('coded bytes above the limit', 'gzip', ({ png }) => padded(png), tooLarge),
];

const refused: readonly FaultCase[] = [
  coded('half a gzip', 'gzip', ({ jpeg }) => half(gzipSync(jpeg)), TWICE_DAMAGED),
  coded('half a br', 'br', ({ jpeg }) => half(brotliCompressSync(jpeg)), TWICE_DAMAGED),
  coded('gzip of half a JPEG', 'gzip', ({ jpeg }) => gzipSync(half(jpeg)), TWICE_DAMAGED),
  {
    ...coded('a gzip that is cut', 'gzip', plain, failsForNow('truncated', { detail: /./ })),
    serve: ({ jpeg }) => {
      const bytes = gzipSync(jpeg);
      const headers = { 'content-encoding': 'gzip', 'content-length': String(bytes.length) };
      return rawThenClose(head('200 OK', headers), half(bytes));
    },
  },
  {
    ...coded('a gzip without a length that is cut', 'gzip', plain, failsForNow('truncated')),
    serve: ({ jpeg }) =>
      rawThenClose(head('200 OK', { 'content-encoding': 'gzip' }), half(gzipSync(jpeg))),
  },
  coded(
    'a damaged gzip',
    'gzip',
    ({ jpeg }) => damaged(gzipSync(jpeg)),
    fails('encoding', { detail: 'gzip' }),
  ),
  coded(
    'noise that is called br',
    'br',
    () => Buffer.alloc(900, 'z'),
    fails('encoding', { detail: 'br' }),
  ),
  ...['compress', 'dcb', 'lzma', 'x-secure'].map((coding) =>
    coded(
      `the coding ${coding}`,
      coding,
      () => Buffer.alloc(900, 0x9d),
      fails('encoding', { detail: coding }),
    ),
  ),
  coded(
    'six codings',
    'br,br,br,br,br,br',
    ({ jpeg }) => brotliCompressSync(jpeg),
    fails('encoding'),
  ),
  coded('a gzip of nothing', 'gzip', () => gzipSync(Buffer.alloc(0)), fails('empty')),
  coded('nothing that is called gzip', 'gzip', () => Buffer.alloc(0), fails('empty')),
  {
    ...{
      row: 'I9',
      what: 'an SVG that is gzipped on the way',
      expected: fails('type_not_allowed'),
    },
    serve: () => reply('200 OK', { 'content-encoding': 'gzip' }, gzipSync('<svg xmlns="x"></svg>')),
  },
];

/** A gzip with extra bytes that are not decoded: it contains empty members. */
function padded(bytes: Buffer): Buffer {
  const nothing = gzipSync(Buffer.alloc(0));
  return Buffer.concat([gzipSync(bytes), ...new Array<Buffer>(110_000).fill(nothing)]);
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xff, 100, 140);
  return copy;
}

export const codingCases: readonly FaultCase[] = [
  ...ignored,
  ...decoded,
  ...notCoded,
  ...refused,
  ...volumes,
];
