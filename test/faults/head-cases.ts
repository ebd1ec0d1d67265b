/** Section N32: heads of answers that are unusual, large, or not HTTP. */
import { raw, rawThenClose } from '../helpers/lying-server';
import { failsForNow, stored, type FaultCase } from './fault-case';

const NOTHING = 'HTTP/1.1 200 OK\r\n';

const noise: readonly FaultCase[] = (
  [
    ['a header of 100 kB', `${NOTHING}x: ${'y'.repeat(100_000)}\r\n\r\n`, '64 kB of headers'],
    ['20,000 headers', `${NOTHING}${'x: yyyy\r\n'.repeat(20_000)}\r\n`, '64 kB of headers'],
    ['a NUL in a header', `${NOTHING}x: a\0b\r\n\r\n`, 'Invalid header value char'],
    ['a control character in a header', `${NOTHING}x: a\x01b\r\n\r\n`, 'Invalid header value char'],
    ['a space in a header’s name', `${NOTHING}x y: z\r\n\r\n`, 'Invalid header token'],
    ['a folded header', `${NOTHING}x: a\r\n b\r\n\r\n`, 'no valid HTTP: '],
    ['one line without a carriage return', `${NOTHING}x: a\ny: b\r\n\r\n`, 'no valid HTTP: '],
    [
      'a NUL behind a length',
      `${NOTHING}content-length: 3\r\nx: a\0b\r\n\r\nabc`,
      'Content-Length',
    ],
    [
      'lines without carriage returns',
      'HTTP/1.1 200 OK\ncontent-length: 3\n\nabc',
      'no valid HTTP: ',
    ],
    ['a header without a colon', `${NOTHING}nonsense\r\n\r\n`, 'Invalid header token'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 'no valid HTTP: '],
    ['HTTP/0.9: a body and nothing before', '<html>hello</html>', 'no valid HTTP: '],
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

export const headCases: readonly FaultCase[] = [...noise, ...large];
