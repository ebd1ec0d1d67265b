/**
 * Section N32: heads of answers that are unusual, large, or not HTTP. A second request is read
 * leniently.
 */
import { raw, rawThenClose, reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type FaultCase } from './fault-case';
import type { SampleImages } from './sample-images';

const NOTHING = 'HTTP/1.1 200 OK\r\n';

const noise: readonly FaultCase[] = (
  [
    ['a header of 100 kB', `${NOTHING}x: ${'y'.repeat(100_000)}\r\n\r\n`, '64 kB of headers'],
    ['20,000 headers', `${NOTHING}${'x: yyyy\r\n'.repeat(20_000)}\r\n`, '64 kB of headers'],
    ['a NUL in a header', `${NOTHING}x-a: a\0b\r\n\r\n`, 'a NUL in the header x-a'],
    [
      'a NUL in a header’s name',
      `${NOTHING}x \0y: z\r\ncontent-length: 0\r\n\r\n`,
      'Invalid header token',
    ],
    [
      'a NUL behind a length',
      `${NOTHING}content-length: 3\r\nx: a\0b\r\n\r\nabc`,
      'a NUL in the header x',
    ],
    [
      'two lengths',
      `${NOTHING}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
      'two different Content-Lengths',
    ],
    [
      'a list of two lengths',
      `${NOTHING}content-length: 4, 3\r\n\r\nabcd`,
      'two different Content-Lengths',
    ],
    [
      'the same length twice, and another one',
      `${NOTHING}content-length: 3\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
      'two different Content-Lengths',
    ],
    [
      'the same length twice, the second folded',
      `${NOTHING}content-length: 3\r\ncontent-length: 3\r\n 4\r\n\r\nabcd`,
      'two different Content-Lengths',
    ],
    [
      'the same length twice and chunks',
      `${NOTHING}content-length: 3\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      'a Content-Length and a Transfer-Encoding',
    ],
    [
      'two empty lengths',
      `${NOTHING}content-length:\r\ncontent-length:\r\n\r\nabc`,
      'no valid HTTP',
    ],
    [
      'a length and chunks',
      `${NOTHING}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      'a Content-Length and a Transfer-Encoding',
    ],
    [
      'chunks and a length',
      `${NOTHING}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      'a Content-Length and a Transfer-Encoding',
    ],
    ['a carriage return in a header', `${NOTHING}x-b: a\rb\r\n\r\n`, /^no valid HTTP: .*\(HPE_/],
    [
      'a NUL in a line without a colon',
      `${NOTHING}non\0sense\r\ncontent-length: 0\r\n\r\n`,
      'Invalid header token',
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 'no valid HTTP: '],
    ['HTTP/0.9: a body and nothing before', '<html>hello</html>', 'no valid HTTP: '],
    ['a status that switches protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n', '101'],
    [
      'a status of two digits',
      'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n',
      'Invalid status code',
    ],
  ] as const
).map(([what, bytes, detail]) => ({
  row: 'N32',
  what,
  serve: () => rawThenClose(bytes),
  expected: failsForNow('protocol', { requests: 2, detail }),
}));

/** Heads that undici's parser refuses, and that are clear all the same. */
const HEADS: readonly (readonly [what: string, head: (length: number) => string])[] = [
  ['lines without carriage returns', (length) => `HTTP/1.1 200 OK\ncontent-length: ${length}\n\n`],
  ['one line without', (length) => `${NOTHING}x: a\ncontent-length: ${length}\r\n\r\n`],
  ['a folded header', (length) => `${NOTHING}x: a\r\n b\r\ncontent-length: ${length}\r\n\r\n`],
  ['a control character', (length) => `${NOTHING}x: a\x01b\r\ncontent-length: ${length}\r\n\r\n`],
  [
    '100 before it',
    (length) => `HTTP/1.1 100 C\r\n\r\n${NOTHING}content-length: ${length}\r\n\r\n`,
  ],
  [
    'the same length twice',
    (length) => `${NOTHING}content-length: ${length}\r\nContent-Length:${length} \r\n\r\n`,
  ],
  [
    'the same length three times between others, without carriage returns',
    (length) =>
      `HTTP/1.1 200 OK\nContent-Length: ${length}\nx: a\ncontent-length: ${length}\ncontent-length: ${length}\n\n`,
  ],
  ...['Content Type', 'X-Foo (bar)', 'X-Cache[1]', 'X-Größe', 'user@museum', ''].map(
    (name): [string, (length: number) => string] => [
      `a header whose name is ${JSON.stringify(name)}`,
      (length) => `${NOTHING}${name}: HIT\r\ncontent-length: ${length}\r\n\r\n`,
    ],
  ),
  ...['HTTP/2 200', 'HTTP/1 200 OK', 'http/1.1 200 OK', 'ICY 200 OK', 'HTTP/1.1  200 OK'].map(
    (line): [string, (length: number) => string] => [
      `the status line ${JSON.stringify(line)}`,
      (length) => `${line}\r\ncontent-length: ${length}\r\n\r\n`,
    ],
  ),
  ['a list of equal lengths', (length) => `${NOTHING}content-length: ${length},${length}\r\n\r\n`],
  [
    'the same length twice in both of two heads',
    (length) =>
      `HTTP/1.1 100 C\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n${NOTHING}content-length: ${length}\r\ncontent-length: ${length}\r\n\r\n`,
  ],
];

const whole = stored({ requests: 2, bytes: ({ jpeg }) => jpeg, detail: null });

const lenient: readonly FaultCase[] = [
  ...HEADS.map(([what, head]) => ({
    row: 'N32',
    what: `${what}, before an image`,
    serve: ({ jpeg }: SampleImages) => raw(head(jpeg.length), jpeg),
    expected: whole,
  })),
  {
    row: 'N32',
    what: 'a control character behind TLS',
    listener: 'tls',
    serve: ({ jpeg }) => raw(`${NOTHING}x: a\x01b\r\ncontent-length: ${jpeg.length}\r\n\r\n`, jpeg),
    expected: whole,
  },
  {
    row: 'N32',
    what: 'a folded header and chunks',
    serve: ({ jpeg }) =>
      raw(
        `${NOTHING}x: a\r\n b\r\ntransfer-encoding: chunked\r\n\r\n${jpeg.length.toString(16)}\r\n`,
        jpeg,
        '\r\n0\r\n\r\n',
      ),
    expected: whole,
  },
  {
    row: 'N32',
    what: 'a folded header on the way to an image',
    serve: () =>
      raw('HTTP/1.1 302 Found\r\nx: a\r\n b\r\nlocation: /image\r\ncontent-length: 0\r\n\r\n'),
    others: ({ jpeg }) => ({ '/image': reply('200 OK', {}, jpeg) }),
    expected: stored({ requests: 3, bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N32',
    what: 'a folded header to an address that is not allowed',
    serve: () =>
      raw(
        'HTTP/1.1 302 Found\r\nx: a\r\n b\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n',
      ),
    expected: fails('blocked_address', { requests: 2 }),
  },
  {
    row: 'N32',
    what: 'a folded header and a body that is cut',
    serve: ({ jpeg }) =>
      rawThenClose(
        `${NOTHING}x: a\r\n b\r\ncontent-length: ${jpeg.length}\r\n\r\n`,
        jpeg.subarray(0, 500),
      ),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N32',
    what: 'a header whose name is "Content Type", and a body that is cut',
    serve: ({ jpeg }) =>
      rawThenClose(
        `${NOTHING}Content Type: a\r\ncontent-length: ${jpeg.length}\r\n\r\n`,
        jpeg.subarray(0, 500),
      ),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N32',
    what: 'the status line "ICY 404 Not Found"',
    serve: () => raw('ICY 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
    expected: fails('http_404', { requests: 2 }),
  },
  {
    row: 'N32',
    what: 'a folded header and status 404',
    serve: () => raw('HTTP/1.1 404 No\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n'),
    expected: fails('http_404', { requests: 2 }),
  },
];

const large: readonly FaultCase[] = (
  [
    ['a header of 20 kB', `x: ${'y'.repeat(20_000)}\r\n`],
    ['a header of 60 kB', `x: ${'y'.repeat(60_000)}\r\n`],
    ['5,000 headers', 'x: yyyy\r\n'.repeat(5_000)],
    ['four policies of 15 kB', `content-security-policy: ${'y'.repeat(15_000)}\r\n`.repeat(4)],
  ] as const
).map(([what, lines]) => ({
  row: 'N32',
  what: `${what} before an image`,
  serve: ({ jpeg }) => raw(`${NOTHING}${lines}content-length: ${jpeg.length}\r\n\r\n`, jpeg),
  expected: stored({ bytes: ({ jpeg }) => jpeg }),
}));

export const headCases: readonly FaultCase[] = [...noise, ...lenient, ...large];
