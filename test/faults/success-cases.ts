/** Sections N14, N20 and N26: successful answers, and redirects that require cookies. */
import { raw, reply, type Answer, type Request } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, TWICE_DAMAGED, type FaultCase } from './fault-case';

const whole = stored({ bytes: ({ jpeg }) => jpeg, verdict: 'valid', detail: null });

const files: readonly FaultCase[] = [201, 203].map((status) => ({
  row: 'N26',
  what: `${status} with an image`,
  serve: ({ jpeg }) => reply(`${status} Word`, {}, jpeg),
  expected: whole,
}));

const notFiles: readonly FaultCase[] = [
  {
    row: 'N26',
    what: '201 with a page',
    serve: () => reply('201 Created', {}, Buffer.from('{"id": 1}')),
    expected: fails('not_an_image'),
  },
  {
    row: 'N26',
    what: '203 that is cut',
    serve: ({ jpeg }) => reply('203 Changed', {}, jpeg.subarray(0, 900)),
    expected: TWICE_DAMAGED,
  },
  {
    row: 'N26',
    what: '202, and no image in the end',
    serve: () => reply('202 Accepted'),
    expected: failsForNow('unexpected_status', { detail: '202' }),
  },
  {
    row: 'N26',
    what: '202 for a second',
    serve: () => afterSeconds(1),
    others: ({ jpeg }) => ({ '/image': reply('200 OK', {}, jpeg) }),
    expected: stored({ requests: 3, bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N26',
    what: '202 for an hour: left for a later run',
    serve: () => reply('202 Accepted', { 'retry-after': '3600' }),
    expected: failsForNow('unexpected_status', { requests: 1, detail: '202' }),
  },
  {
    row: 'N20',
    what: '206 with a part of an image',
    serve: ({ jpeg }) =>
      reply('206 Partial Content', { 'content-range': 'bytes 0-899/*' }, jpeg.subarray(0, 900)),
    expected: fails('unexpected_status', { detail: '206' }),
  },
];

/**
 * Asks to wait. Redirects requests after that time to the image, and earlier ones to a missing
 * path.
 */
function afterSeconds(seconds: number): Answer {
  let from = 0;
  return (socket, request) => {
    if (request.before === 0) {
      from = Date.now();
      reply('202 Accepted', { 'retry-after': String(seconds) })(socket, request);
    } else {
      const isEarly = Date.now() - from < 1_000 * seconds;
      reply('302 Found', { location: isEarly ? '/early' : '/image' })(socket, request);
    }
  };
}

const cookiesOf = ({ head }: Request): string => /^cookie: (.*)$/im.exec(head)?.[1] ?? '';

/** Redirects to itself until the client sends the cookies. */
const wantsCookies =
  (headers: readonly string[], wanted: string): NonNullable<FaultCase['serve']> =>
  ({ jpeg }) =>
  (socket, request) => {
    const lines = headers.map((value) => `Set-Cookie: ${value}\r\n`).join('');
    if (cookiesOf(request) === wanted) reply('200 OK', {}, jpeg)(socket, request);
    else
      raw(`HTTP/1.1 302 Found\r\nlocation: /case\r\n${lines}content-length: 0\r\n\r\n`)(
        socket,
        request,
      );
  };

const cookies: readonly FaultCase[] = [
  {
    row: 'N14',
    what: 'a redirect to itself with a cookie',
    serve: wantsCookies(['visid=secret1; Path=/; HttpOnly'], 'visid=secret1'),
    expected: { ...whole, requests: 2 },
  },
  {
    row: 'N14',
    what: 'two cookies, and one that has expired',
    serve: wantsCookies(
      ['a=1; Path=/', 'b=2=3; Expires=Wed, 21 Oct 2065 07:28:00 GMT', 'c=4; Max-Age=0'],
      'a=1; b=2=3',
    ),
    expected: { ...whole, requests: 2 },
  },
  {
    row: 'N14',
    what: 'a cookie by way of another path',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        const isKnown = cookiesOf(request) === 's=secret2';
        (isKnown ? reply('200 OK', {}, jpeg) : reply('302 Found', { location: '/login' }))(
          socket,
          request,
        );
      },
    others: () => ({
      '/login': reply('303 See Other', { location: '/case', 'set-cookie': 's=secret2; path=/' }),
    }),
    expected: { ...whole, requests: 3 },
  },
  {
    row: 'N14',
    what: 'a cookie for another path is not sent',
    serve: wantsCookies(['a=1; Path=/elsewhere'], 'a=1'),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
  {
    row: 'N14',
    what: 'a cookie of more than a head takes is not sent',
    serve: wantsCookies([`a=${'x'.repeat(9_000)}`], `a=${'x'.repeat(9_000)}`),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
  {
    row: 'N14',
    what: 'a secure cookie is not sent in clear',
    serve: wantsCookies(['a=1; Secure'], 'a=1'),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
];

export const successCases: readonly FaultCase[] = [...files, ...notFiles, ...cookies];
