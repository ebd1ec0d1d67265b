/** Section N23: Retry-After in the forms in which servers send it, with each status. */
import { raw, reply, type Answer } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type Expected, type FaultCase } from './fault-case';

const EARLY = reply('404 Too Early');

/**
 * Asks to wait for `seconds` by the headers, then answers with the image. An earlier request gets
 * status 404.
 */
function waits(
  status: string,
  headers: readonly string[],
  seconds: number,
): NonNullable<FaultCase['serve']> {
  return ({ jpeg }) => {
    let from = 0;
    return (socket, request) => {
      if (request.before === 0) {
        from = Date.now();
        const lines = headers.map((header) => `${header}\r\n`).join('');
        raw(`HTTP/1.1 ${status} Word\r\n${lines}content-length: 0\r\n\r\n`)(socket, request);
        return;
      }
      const isEarly = Date.now() - from < 1_000 * seconds;
      (isEarly ? EARLY : reply('200 OK', {}, jpeg))(socket, request);
    };
  };
}

const obeyed = stored({ requests: 2, bytes: ({ jpeg }) => jpeg });

const DATE = 'date: Fri, 27 Nov 2026 10:00:00 GMT';

/** [what, the status, its headers, the seconds that must pass] */
const OBEYED: readonly (readonly [string, string, readonly string[], number])[] = [
  ['a second', '503', ['retry-after: 1'], 1],
  ['a fraction', '429', ['retry-after: 1.2'], 1.2],
  ['a unit', '503', ['retry-after: 1s'], 1],
  ['a list', '503', ['retry-after: 0, 1'], 1],
  ['two headers', '429', ['retry-after: 0', 'retry-after: 1'], 1],
  ['a date', '503', [DATE, 'retry-after: Fri, 27 Nov 2026 10:00:01 GMT'], 1],
  ['an older date', '503', [DATE, 'retry-after: Friday, 27-Nov-26 10:00:01 GMT'], 1],
  ['a date of C', '429', [DATE, 'retry-after: Fri Nov 27 10:00:01 2026'], 1],
  ['a date in ISO 8601', '429', [DATE, 'retry-after: 2026-11-27T10:00:01Z'], 1],
  ['a date of the past', '429', [DATE, 'retry-after: Fri, 27 Nov 2026 09:00:00 GMT'], 0],
  ['a negative number', '503', ['retry-after: -5'], 0],
  ['words', '429', ['retry-after: soon 5'], 0],
  ['nothing', '503', ['retry-after: '], 0],
  ['a second, with 500', '500', ['retry-after: 1'], 1],
  ['a second, with 502', '502', ['retry-after: 1'], 1],
  ['a second, with 202', '202', ['retry-after: 1'], 1],
  ['a redirect', '301', ['location: /case', 'retry-after: 1'], 1],
  ['a redirect with 303', '303', ['location: /case', 'retry-after: 1.1'], 1.1],
];

const hour = { 'retry-after': '3600' };

/** An hour is longer than an image waits, so a later run asks again. */
const longer: readonly (readonly [what: string, answer: Answer, expected: Expected])[] = [
  [
    '500 for an hour: left for a later run',
    reply('500 Oops', hour),
    failsForNow('http_500', { requests: 1 }),
  ],
  [
    '502 for two minutes: left for a later run',
    reply('502 Bad Gateway', { 'retry-after': '120' }),
    failsForNow('http_502', { requests: 1 }),
  ],
  ['403 for an hour', reply('403 Forbidden', hour), fails('http_403', { retryable: true })],
  ['403 for no known time', reply('403 Forbidden', { 'retry-after': '-1' }), fails('http_403')],
  ['404 for an hour', reply('404 Not Found', hour), fails('http_404')],
  [
    '429 always, without a wait',
    reply('429 Too Many Requests', { 'retry-after': '0' }),
    failsForNow('http_429', { requests: 4, detail: 'the host asks for patience for it' }),
  ],
  [
    '503 always, until a date of the past',
    reply('503 Unavailable', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
    failsForNow('http_503', { requests: 4 }),
  ],
];

export const waitCases: readonly FaultCase[] = [
  ...OBEYED.map(([what, status, headers, seconds]): FaultCase => ({
    row: 'N23',
    what: `Retry-After: ${what}`,
    serve: waits(status, headers, seconds),
    expected: obeyed,
  })),
  ...longer.map(([what, answer, expected]): FaultCase => ({
    row: 'N23',
    what,
    serve: () => answer,
    expected,
  })),
];
