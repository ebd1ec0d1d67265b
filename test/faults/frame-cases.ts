/**
 * Sections N8 and N32: lines of heads without a name, lengths and transfer codings that are none,
 * and lines between chunks. Browsers or curl read these, so a second request is read leniently.
 */
import { raw, rawThenClose, type Answer } from '../helpers/hosts/lying-server';
import { failsForNow, stored, type FaultCase } from './fault-case';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const END = '\r\n0\r\n\r\n';

const wholeAtOnce = stored({ bytes: ({ jpeg }) => jpeg, detail: null });
const whole = { ...wholeAtOnce, requests: 2 };

/** Heads before an image, by its length. */
const HEADS: readonly (readonly [what: string, head: (length: number) => string])[] = [
  ...['Powered by a museum', 'HTTP/1.1 200 OK', 'Warning Undefined variable $x on line 3'].map(
    (line): [string, (length: number) => string] => [
      `the line ${JSON.stringify(line)} in a head`,
      (length) => `${OK}${line}\r\ncontent-length: ${length}\r\n\r\n`,
    ],
  ),
  [
    'two carriage returns at the end of each line',
    (length) => `HTTP/1.1 200 OK\r\r\ncontent-length: ${length}\r\r\n\r\r\n`,
  ],
  [
    'a blank before the first header',
    (length) => `${OK} x: y\r\ncontent-length: ${length}\r\n\r\n`,
  ],
  ...['+N', 'N.0', 'N bytes', 'N B'].map((value): [string, (length: number) => string] => [
    `the length ${value}`,
    (length) => `${OK}content-length: ${value.replace('N', String(length))}\r\n\r\n`,
  ]),
  [
    'a list of lengths with an empty element',
    (length) => `${OK}content-length: ${length},\r\n\r\n`,
  ],
  ...['identity', 'none', 'binary'].map((coding): [string, (length: number) => string] => [
    `a length and the transfer coding ${coding}, which is none`,
    (length) => `${OK}transfer-encoding: ${coding}\r\ncontent-length: ${length}\r\n\r\n`,
  ]),
  ...['HTTP/1.1 200, OK', 'HTTP 200 OK', 'HTTP/1.1\t200\tOK', 'HTTP/1.1 200OK'].map(
    (line): [string, (length: number) => string] => [
      `the status line ${JSON.stringify(line)}`,
      (length) => `${line}\r\ncontent-length: ${length}\r\n\r\n`,
    ],
  ),
];

const heads = HEADS.map(([what, head]): FaultCase => ({
  row: 'N32',
  what: `${what}, before an image`,
  serve: ({ jpeg }) => raw(head(jpeg.length), jpeg),
  expected: whole,
}));

/** Without the value of its length, a body ends with its connection. */
const lengths: readonly FaultCase[] = [
  ...['', 'undefined', 'NaN', 'null', 'false'].map((length): FaultCase => ({
    row: 'N8',
    what: `the length ${JSON.stringify(length)}`,
    serve: ({ jpeg }) => rawThenClose(`${OK}content-length: ${length}\r\n\r\n`, jpeg),
    expected: whole,
  })),
  {
    row: 'N8',
    what: 'an empty length, and half an image',
    serve: ({ jpeg }) => rawThenClose(`${OK}content-length: \r\n\r\n`, jpeg.subarray(0, 600)),
    expected: failsForNow('truncated'),
  },
  ...(
    [
      ['content-length: \r\ncontent-length: 3\r\n\r\nabc', 'two different Content-Lengths'],
      ['content-length: 3\r\ncontent-length: 4 B\r\n\r\nabcd', 'two different Content-Lengths'],
      [
        'content-length: \r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
        'a Content-Length and a Transfer-Encoding',
      ],
      [
        'transfer-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
        'a Content-Length and a Transfer-Encoding',
      ],
    ] as const
  ).map(([rest, detail]): FaultCase => ({
    row: 'N32',
    what: `a head that is not clear: ${JSON.stringify(rest.split('\r\n\r\n')[0])}`,
    serve: () => rawThenClose(`${OK}${rest}`),
    expected: failsForNow('protocol', { requests: 2, detail }),
  })),
];

/** Read at the first request. */
const codings = ['', 'chunked, chunked', 'identity, chunked', 'Chunked'].map(
  (coding): FaultCase => ({
    row: 'N13',
    what: `the transfer coding ${JSON.stringify(coding)}`,
    serve: ({ jpeg }): Answer =>
      coding === ''
        ? raw(`${OK}transfer-encoding: \r\ncontent-length: ${jpeg.length}\r\n\r\n`, jpeg)
        : raw(`${OK}transfer-encoding: ${coding}\r\n\r\n`, size(jpeg), jpeg, END),
    expected: wholeAtOnce,
  }),
);

const size = (jpeg: Buffer): string => `${jpeg.length.toString(16)}\r\n`;

type Parts = (hex: string, jpeg: Buffer) => readonly (string | Buffer)[];

const CHUNKS: readonly (readonly [what: string, parts: Parts])[] = [
  ['spaces behind the size of a chunk', (hex, jpeg) => [`${hex}  \r\n`, jpeg, END]],
  ['line feeds alone between chunks', (hex, jpeg) => [`${hex}\n`, jpeg, '\n0\n\n']],
  ['an extension without a name', (hex, jpeg) => [`${hex};\r\n`, jpeg, END]],
  ['an extension with blanks', (hex, jpeg) => [`${hex} ; a = b\r\n`, jpeg, END]],
  ['an extension in Latin-1', (hex, jpeg) => [`${hex};a=\xfc\r\n`, jpeg, END]],
  [
    'a length in the trailers',
    (hex, jpeg) => [`${hex}\r\n`, jpeg, '\r\n0\r\ncontent-length: 5\r\n\r\n'],
  ],
  ['trailers without a colon', (hex, jpeg) => [`${hex}\r\n`, jpeg, '\r\n0\r\nno trailer\r\n\r\n']],
  [
    'many chunks, each with line feeds alone',
    (_hex, jpeg) => [
      ...Array.from({ length: jpeg.length }, (_, at) => [
        '01;\n',
        jpeg.subarray(at, at + 1),
        '\n',
      ]).flat(),
      '0\n\n',
    ],
  ],
];

const chunks: readonly FaultCase[] = [
  ...CHUNKS.map(([what, parts]): FaultCase => ({
    row: 'N8',
    what,
    serve: ({ jpeg }) => raw(CHUNKED, ...parts(jpeg.length.toString(16), jpeg)),
    expected: whole,
  })),
  {
    row: 'N8',
    what: 'line feeds alone between chunks, and half an image',
    serve: ({ jpeg }) =>
      rawThenClose(CHUNKED, `${jpeg.length.toString(16)}\n`, jpeg.subarray(0, 600)),
    expected: failsForNow('truncated'),
  },
  ...['0x10', ' 10', '-10', '10 10', 'fffffffffffffffff'].map((text): FaultCase => ({
    row: 'N8',
    what: `the size ${JSON.stringify(text)} of a chunk`,
    serve: ({ jpeg }) => raw(CHUNKED, `${text}\r\n`, jpeg, END),
    expected: failsForNow('protocol', { requests: 2, detail: /^no valid HTTP: .*chunk size/i }),
  })),
];

export const frameCases: readonly FaultCase[] = [...heads, ...lengths, ...codings, ...chunks];
