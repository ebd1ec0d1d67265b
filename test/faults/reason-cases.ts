/** Sections N24 and N25: the server states a reason, and the detail contains it. */
import { gzipSync } from 'node:zlib';
import { reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, type Expected, type FaultCase } from './fault-case';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

function says(
  what: string,
  status: string,
  answer: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer },
  detail: string | RegExp,
): FaultCase {
  const number = Number(status.slice(0, 3));
  const expected: Expected =
    number >= 500 ? failsForNow(`http_${number}`, { detail }) : fails(`http_${number}`, { detail });
  const { headers = {}, body = '' } = answer;
  const isChallenge = 'cf-mitigated' in headers || 'x-amzn-waf-action' in headers;
  return {
    row: number >= 500 ? 'N24' : 'N25',
    what: `the reason in ${what}`,
    serve: () => reply(status, headers, Buffer.from(body)),
    expected: isChallenge ? { ...expected, retryable: true } : expected,
  };
}

const POLICY = 'Requests for scales in excess of 100% are not allowed.';
const exactly = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

const reasons: readonly FaultCase[] = [
  says('plain text', '403 Forbidden', { body: POLICY }, exactly(`status 403: ${POLICY}`)),
  says(
    'a title',
    '403 Forbidden',
    { headers: HTML, body: '<html><head><title>Just a&nbsp;moment...</title>' },
    exactly('status 403: Just a moment...'),
  ),
  says(
    'a page whose title says nothing',
    '403 Forbidden',
    {
      headers: HTML,
      body: '<title>403 Forbidden</title><style>p{}</style><script>alert("x")</script><h1>403 Forbidden</h1><p>Set a <b>User-Agent</b>.</p>',
    },
    exactly('status 403: 403 Forbidden: Set a User-Agent .'),
  ),
  says(
    'JSON',
    '400 Bad Request',
    { headers: JSON_TYPE, body: JSON.stringify({ status: 400, message: POLICY }) },
    exactly(`status 400: ${POLICY}`),
  ),
  says(
    'JSON, deep in it',
    '401 Unauthorized',
    { headers: JSON_TYPE, body: '{"errors":[{"code":7,"detail":"no \\u003cb\\u003ekey"}]}' },
    exactly('status 401: no key'),
  ),
  says(
    'JSON that is longer than is read',
    '400 Bad Request',
    { headers: JSON_TYPE, body: `{"message":"too large","stack":"${'x'.repeat(9_000)}"}` },
    exactly('status 400: too large'),
  ),
  says(
    'XML of an object store',
    '403 Forbidden',
    {
      headers: { 'content-type': 'application/xml' },
      body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>17</RequestId></Error>',
    },
    exactly('status 403: Access Denied'),
  ),
  says(
    'a body that is gzipped',
    '404 Not Found',
    { headers: { 'content-encoding': 'gzip' }, body: gzipSync('moved to the archive') },
    exactly('status 404: moved to the archive'),
  ),
  says(
    'another charset',
    '404 Not Found',
    {
      headers: { 'content-type': 'text/plain; charset=iso-8859-1' },
      body: Buffer.from('Größe ungültig', 'latin1'),
    },
    exactly('status 404: Größe ungültig'),
  ),
  says(
    'an error of the server’s',
    '503 Unavailable',
    { body: 'Backend\r\n\u0007\u202efetch failed' },
    exactly('status 503: Backend fetch failed'),
  ),
  says(
    'tags that are written as entities',
    '404 Not Found',
    { headers: HTML, body: '&lt;script&gt;alert(1)&lt;/script&gt; gone' },
    /^status 404: alert\(1\) gone$/,
  ),
  says(
    'a script that never ends',
    '404 Not Found',
    { body: 'a<script>let b' },
    exactly('status 404: a'),
  ),
  says(
    'bytes that are no text',
    '404 Not Found',
    { body: Buffer.alloc(900, 0x9d) },
    exactly('status 404'),
  ),
  says(
    'a long text',
    '404 Not Found',
    { body: 'é'.repeat(5_000) },
    exactly(`status 404: ${'é'.repeat(100)}`),
  ),
  says(
    'a challenge',
    '403 Forbidden',
    {
      headers: { ...HTML, 'cf-mitigated': 'challenge', server: 'cloudflare' },
      body: '<title>Just a moment...</title>',
    },
    exactly('status 403: Just a moment... (cf-mitigated: challenge, server: cloudflare)'),
  ),
  says(
    'a challenge without a body',
    '405 Not Allowed',
    { headers: { 'x-amzn-waf-action': 'captcha' } },
    exactly('status 405 (x-amzn-waf-action: captcha)'),
  ),
  says(
    'the credentials that are wanted',
    '401 Unauthorized',
    { headers: { 'www-authenticate': 'Basic realm="museum"' } },
    exactly('status 401 (www-authenticate: Basic, realm="museum")'),
  ),
  says(
    'a page with a captcha',
    '429 Too Many Requests',
    { headers: HTML, body: '<title>Pardon</title><div class="g-recaptcha"></div>' },
    exactly('status 429: Pardon (a challenge page)'),
  ),
  {
    row: 'N25',
    what: 'the reason repeats the query',
    url: ({ port }) => `http://127.0.0.1:${port}/case?sig=secret%2B1%3D&w=secretly+long&secretkey`,
    serve: () =>
      reply(
        '403 Forbidden',
        { 'content-type': 'application/xml' },
        Buffer.from(
          '<Error><Message>secret+1= &amp; SECRET%2b1%3D (secretly long) secretkey</Message></Error>',
        ),
      ),
    expected: fails('http_403', { detail: exactly('status 403: … & … (…) …') }),
  },
  {
    row: 'N29',
    what: 'a page that repeats the query',
    url: ({ port }) => `http://127.0.0.1:${port}/case?sig=secretvalue`,
    serve: () => reply('200 OK', HTML, Buffer.from('<p>secretvalue is wrong')),
    expected: fails('not_an_image', { detail: '<p>… is wrong' }),
  },
];

/** A case whose status is 429 is attempted again. */
function retried(fault: FaultCase): FaultCase {
  const is429 = fault.expected.code === 'http_429';
  return is429
    ? { ...fault, row: 'N24', expected: { ...fault.expected, retryable: true, requests: 3 } }
    : fault;
}

export const reasonCases: readonly FaultCase[] = reasons.map(retried);
