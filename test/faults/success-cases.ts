/** Sections N14, N20 and N26: successful answers, and redirects that require cookies. */
import { raw, reply, type Answer, type Request } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, TWICE_DAMAGED, type FaultCase } from './fault-case';
import type { SampleImages } from './sample-images';

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
  ...[207, 208, 299].map((status): FaultCase => ({
    row: 'N26',
    what: `${status} with an image`,
    serve: ({ jpeg }) => reply(`${status} Word`, {}, jpeg),
    expected: fails('unexpected_status', { detail: String(status) }),
  })),
  {
    row: 'N26',
    what: '300 with a Location, which only offers a choice',
    serve: () => reply('300 Multiple Choices', { location: '/image' }),
    others: ({ jpeg }) => ({ '/image': reply('200 OK', {}, jpeg) }),
    expected: fails('unexpected_status', { detail: '300' }),
  },
  {
    row: 'N26',
    what: '304 at the end of a redirect',
    serve: () => reply('302 Found', { location: '/image' }),
    others: () => ({ '/image': raw('HTTP/1.1 304 Not Modified\r\n\r\n') }),
    expected: fails('unexpected_status', { requests: 2, detail: '304' }),
  },
  {
    row: 'N26',
    what: '201 with a Location and the image: no redirect',
    serve: ({ jpeg }) => reply('201 Created', { location: '/elsewhere' }, jpeg),
    expected: whole,
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

/** What a path answers to a request with these cookies; `to` is null for the image. */
interface Step {
  readonly to: string | null;
  readonly set: readonly string[];
}

/** Answers by the cookies of the request; a request with others is not found. */
const along =
  (steps: Readonly<Record<string, Step>>) =>
  ({ jpeg }: SampleImages): Answer =>
  (socket, request) => {
    const step = steps[cookiesOf(request)];
    if (step === undefined) reply('404 Not Found')(socket, request);
    else if (step.to === null) reply('200 OK', {}, jpeg)(socket, request);
    else {
      const lines = step.set.map((value) => `Set-Cookie: ${value}\r\n`).join('');
      raw(`HTTP/1.1 302 Found\r\nlocation: ${step.to}\r\n${lines}content-length: 0\r\n\r\n`)(
        socket,
        request,
      );
    }
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
    what: 'a cookie whose Expires is no date',
    serve: wantsCookies(['a=1; Expires=0; Path=/', 'b=2; Expires=-1'], 'a=1; b=2'),
    expected: { ...whole, requests: 2 },
  },
  {
    row: 'N14',
    what: 'a cookie that is changed and one that is deleted along the redirects',
    serve: along({
      '': { to: '/two', set: ['s=secret3; Path=/', 't=1; Path=/'] },
      's=secret4': { to: null, set: [] },
    }),
    others: (images) => ({
      '/two': along({
        's=secret3; t=1': {
          to: '/case',
          set: ['s=secret4; Path=/', 't=; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT'],
        },
      })(images),
    }),
    expected: { ...whole, requests: 3 },
  },
  {
    row: 'N14',
    what: 'a cookie whose Domain is another one',
    serve: wantsCookies(['a=1; Domain=elsewhere.such; Path=/', 'b=2; Path=/'], 'a=1; b=2'),
    expected: { ...whole, requests: 2 },
  },
  {
    row: 'N14',
    what: 'a wall of cookies that asks for more each time',
    serve: () => (socket, request) => {
      const nth = request.before;
      reply('302 Found', { location: '/case', 'set-cookie': `c${nth}=1` })(socket, request);
    },
    expected: fails('too_many_redirects', { requests: 6 }),
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
