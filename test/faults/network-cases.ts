/**
 * Section N, bodies and connections: the bytes differ from what was announced, or do not arrive.
 */
import type net from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  head,
  raw,
  rawThenClose,
  rawThenReset,
  reply,
  type Answer,
} from '../helpers/hosts/lying-server';
import {
  SHORT_TIME_LIMIT,
  fails,
  failsForNow,
  neverAnswers,
  stored,
  TWICE_DAMAGED,
  type FaultCase,
} from './fault-case';

const OK = (headers: Readonly<Record<string, string>> = {}): string => head('200 OK', headers);
const CLOSE = { connection: 'close' };
const CHUNKED = { 'transfer-encoding': 'chunked' };

/**
 * An answer that is not HTTP is requested twice, because something between may have cut the first.
 */
const noHttp = failsForNow('protocol', { requests: 2 });

const sized = (bytes: Buffer, more: Readonly<Record<string, string>> = {}): string =>
  OK({ 'content-length': String(bytes.length), ...more });

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

/** Sends a piece every `everyMs` milliseconds until the client has enough. */
function drip(first: string, piece: (at: number) => string | Buffer, everyMs: number): Answer {
  return (socket) => {
    socket.write(first);
    let at = 0;
    const timer = setInterval(() => socket.write(piece((at += 1))), everyMs);
    socket.once('close', () => {
      clearInterval(timer);
    });
  };
}

/** Sends bytes without end, as fast as they are accepted, and then reports their number. */
function pour(socket: net.Socket): void {
  socket.write(OK(CLOSE));
  const more = (): void => {
    while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 1)));
  };
  socket.on('drain', more);
  more();
}

export const networkCases: readonly FaultCase[] = [
  {
    row: 'N1',
    what: 'reset in the body, of known length',
    serve: ({ jpeg }) => rawThenReset(sized(jpeg), jpeg.subarray(0, 500)),
    // Where the reset has come before the bytes are read, libuv reports it as an end.
    expected: failsForNow('truncated', {
      detail: /^the host (reset|closed) the connection in the body/,
    }),
  },
  {
    row: 'N2',
    what: 'closed in the body, of known length',
    serve: ({ jpeg }) => rawThenClose(sized(jpeg), jpeg.subarray(0, 500)),
    expected: failsForNow('truncated', { detail: 'the host closed the connection in the body' }),
  },
  {
    row: 'N2',
    what: 'closed in the body, as announced, of known length',
    serve: ({ jpeg }) => rawThenClose(sized(jpeg, CLOSE), jpeg.subarray(0, 500)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N3',
    what: 'a length that is smaller than the body',
    serve: ({ jpeg }) => raw(OK({ 'content-length': '700' }), jpeg),
    expected: TWICE_DAMAGED,
  },
  {
    row: 'N3',
    what: 'a length that leaves out only what is behind the image',
    serve: ({ jpeg }) => raw(sized(jpeg), jpeg, Buffer.alloc(300, 'x')),
    expected: stored({ bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N4',
    what: 'no length, closed early',
    serve: ({ jpeg }) => rawThenClose(OK(CLOSE), jpeg.subarray(0, jpeg.length / 2)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N5',
    what: 'no length, reset early',
    serve: ({ jpeg }) => rawThenReset(OK(CLOSE), jpeg.subarray(0, jpeg.length / 2)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N6',
    what: 'HTTP/1.0, the body ends with the connection',
    serve: ({ jpeg }) => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', jpeg),
    expected: stored({ bytes: ({ jpeg }) => jpeg, verdict: 'valid' }),
  },
  {
    row: 'N6',
    what: 'HTTP/1.0, half a progressive JPEG',
    serve: ({ progressive }) =>
      rawThenClose('HTTP/1.0 200 OK\r\n\r\n', progressive.subarray(0, progressive.length / 2)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N7',
    what: 'chunked, without its last chunk',
    serve: ({ jpeg }) => rawThenClose(OK(CHUNKED), chunk(jpeg)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N7',
    what: 'chunked, without its last chunk, closed as announced',
    serve: ({ jpeg }) => rawThenClose(OK({ ...CHUNKED, ...CLOSE }), chunk(jpeg)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N8',
    what: 'a size of a chunk that is none',
    serve: ({ jpeg }) => raw(OK(CHUNKED), 'zz\r\n', jpeg),
    expected: noHttp,
  },
  {
    row: 'N8',
    what: 'a length, and chunked too',
    serve: ({ jpeg }) => raw(sized(jpeg, CHUNKED), chunk(jpeg), '0\r\n\r\n'),
    expected: noHttp,
  },
  {
    row: 'N8',
    what: 'two lengths',
    serve: ({ jpeg }) =>
      raw(`HTTP/1.1 200 OK\r\ncontent-length: ${jpeg.length}\r\ncontent-length: 6\r\n\r\n`, jpeg),
    expected: noHttp,
  },
  {
    row: 'N8',
    what: 'a negative length',
    serve: ({ jpeg }) => raw(OK({ 'content-length': '-5' }), jpeg),
    expected: noHttp,
  },
  {
    row: 'N8',
    what: 'a length with letters',
    serve: ({ jpeg }) => raw(OK({ 'content-length': '6abc' }), jpeg),
    expected: noHttp,
  },
  {
    row: 'N9',
    what: 'a head that never ends, a line at a time',
    serve: () => drip('HTTP/1.1 200 OK\r\n', (at) => `x-${at}: y\r\n`, 200),
    settings: SHORT_TIME_LIMIT,
    expected: neverAnswers('timeout'),
  },
  {
    row: 'N9',
    what: 'silence after the request',
    serve: () => () => undefined,
    settings: SHORT_TIME_LIMIT,
    expected: neverAnswers('timeout'),
  },
  {
    row: 'N10',
    what: 'a body that drips, and is never idle',
    serve: ({ jpeg }) => drip(sized(jpeg), (at) => jpeg.subarray(at - 1, at), 100),
    settings: SHORT_TIME_LIMIT,
    expected: failsForNow('timeout'),
  },
  {
    row: 'N11',
    what: 'a body without end',
    serve: () => pour,
    expected: fails('too_large'),
  },
  {
    row: 'N12',
    what: 'a length above the limit',
    serve: () => raw(OK({ 'content-length': '999999999' })),
    expected: fails('too_large', { detail: '999999999' }),
  },
  {
    row: 'N13',
    what: 'gzip as a transfer coding',
    serve: ({ jpeg }) =>
      raw(OK({ 'transfer-encoding': 'gzip, chunked' }), chunk(gzipSync(jpeg)), '0\r\n\r\n'),
    expected: fails('encoding'),
  },
  {
    row: 'N13',
    what: 'the encoding that was asked for, by its name',
    serve: ({ jpeg }) => reply('200 OK', { 'content-encoding': 'Identity' }, jpeg),
    expected: stored(),
  },
  {
    row: 'N31',
    what: 'no byte at all',
    serve: () => reply('200 OK'),
    expected: fails('empty'),
  },
  {
    row: 'N31',
    what: 'no byte at all, chunked',
    serve: () => raw(OK(CHUNKED), '0\r\n\r\n'),
    expected: fails('empty'),
  },
  {
    row: 'N37',
    what: 'more than a socket takes at once, then the end',
    serve: ({ large }) => rawThenClose(sized(large), large),
    expected: stored({ bytes: ({ large }) => large }),
  },
  {
    row: 'N37',
    what: 'more than a socket takes at once, cut',
    serve: ({ large }) => rawThenClose(sized(large), large.subarray(0, -1)),
    expected: failsForNow('truncated'),
  },
];
