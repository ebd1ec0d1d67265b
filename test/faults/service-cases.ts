/**
 * Sections N13, N24, N25, N29 and I10: what image services, gateways and programs of museums answer
 * where others answer in the usual way.
 */
import { raw, rawThenClose, reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type Expected, type FaultCase } from './fault-case';
import { image, text, type Body } from './file-served-whole';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };

type Headers = Readonly<Record<string, string>>;

/** [the service, its status, its headers, its body, what the detail says] */
type Refusal = readonly [string, string, Headers, string | Buffer, string | RegExp];

const answered =
  (row: string, expectedOf: (status: number, detail: string | RegExp) => Expected) =>
  ([what, status, headers, body, detail]: Refusal): FaultCase => ({
    row,
    what: `refused by ${what}`,
    serve: () => reply(status, headers, Buffer.from(body)),
    expected: expectedOf(Number(status.slice(0, 3)), detail),
  });

const permanent = answered('N25', (status, detail) => fails(`http_${status}`, { detail }));
const untilLater = answered('N25', (status, detail) =>
  fails(`http_${status}`, { retryable: true, detail }),
);
const transient = answered('N24', (status, detail) => failsForNow(`http_${status}`, { detail }));

const google = (reason: string, message: string): string =>
  JSON.stringify({ error: { code: 403, message, errors: [{ domain: 'usageLimits', reason }] } });

const LIMIT = 'The quota has been exceeded.';
const SORRY = `<html><head><title>Sorry...</title></head><h1>We're sorry...</h1><p>... but your computer or network may be sending automated queries.</p>`;

const limits: readonly FaultCase[] = [
  ...['userRateLimitExceeded', 'rateLimitExceeded', 'dailyLimitExceeded', 'downloadQuotaExceeded']
    .map((reason): Refusal => [
      `Google, ${reason}`,
      '403 Forbidden',
      JSON_TYPE,
      google(reason, LIMIT),
      `status 403: ${LIMIT}`,
    ])
    .map(untilLater),
  untilLater([
    'Google Cloud, RATE_LIMIT_EXCEEDED',
    '403 Forbidden',
    JSON_TYPE,
    `{"error":{"code":403,"message":"${LIMIT}","details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}`,
    LIMIT,
  ]),
  permanent([
    'Google, insufficientFilePermissions',
    '403 Forbidden',
    JSON_TYPE,
    google('insufficientFilePermissions', 'No permission for this file.'),
    'No permission for this file.',
  ]),
  untilLater([
    'Google, automated queries',
    '403 Forbidden',
    HTML,
    SORRY,
    /^status 403: Sorry\.\.\.: .*automated queries.*\(a challenge page of Google\)$/,
  ]),
  transient(['Cloudinary, 420', '420 ', { 'x-cld-error': 'Rate limit' }, '', 'Rate limit']),
  transient([
    'Cloudinary, 423',
    '423 Locked',
    { 'x-cld-error': 'Is being made' },
    '',
    'being made',
  ]),
];

const headers: readonly FaultCase[] = [
  permanent([
    'Cloudinary',
    '404 Not Found',
    { 'content-type': 'image/gif', 'x-cld-error': 'Resource not found - a/b' },
    '',
    'status 404: x-cld-error: Resource not found - a/b',
  ]),
  permanent([
    'Cloudflare Images',
    '415 ',
    { 'cf-resized': 'err=9520' },
    '',
    'cf-resized: err=9520',
  ]),
  permanent([
    'Azure, without a body',
    '404 The specified blob does not exist.',
    { 'x-ms-error-code': 'BlobNotFound' },
    '',
    'x-ms-error-code: BlobNotFound',
  ]),
  permanent(['imgix', '403 ', { 'x-cld-error': 'no' }, 'Bad signature', /^status 403: Bad sig/]),
];

const titled = (title: string, more: string): string =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${more}</p>`;

const texts: readonly FaultCase[] = [
  permanent([
    'CloudFront',
    '403 Forbidden',
    HTML,
    titled('ERROR: The request could not be satisfied', 'Request blocked.'),
    /could not be satisfied: Request blocked\.$/,
  ]),
  permanent([
    'Wikimedia, a size',
    '400 Bad Request',
    HTML,
    titled('Error generating thumbnail', 'Use thumbnail sizes listed on https://w.wiki/GHai'),
    /Error generating thumbnail: Use thumbnail sizes/,
  ]),
  permanent([
    'Tomcat',
    '404 ',
    HTML,
    titled('HTTP Status 404 – Not Found', 'The resource [&#47;iiif] is not available'),
    /Not Found: The resource \[\/iiif\] is not available/,
  ]),
  permanent([
    'imgur',
    '403 Forbidden',
    JSON_TYPE,
    '{"data":{"error":"Imgur is not available in your region"},"success":false,"status":403}',
    'status 403: Imgur is not available in your region',
  ]),
  permanent([
    'IIS, in UTF-16',
    '404 Not Found',
    HTML,
    Buffer.from('\ufeff<html><title>Größe fehlt</title>', 'utf16le'),
    'status 404: Größe fehlt',
  ]),
];

const moved: FaultCase = {
  row: 'N24',
  what: 'a redirect to a server that answers with 503 at first',
  serve: () => reply('302 Found', { location: '/0/items/a.jpg' }),
  others: ({ jpeg }) => ({
    '/0/items/a.jpg': (socket, request) => {
      const answer = request.before === 0 ? reply('503 Slow Down') : reply('200 OK', {}, jpeg);
      answer(socket, request);
    },
  }),
  expected: stored({ requests: 4, bytes: ({ jpeg }) => jpeg }),
};

const CODING = 'HTTP/1.1 200 OK\r\ntransfer-encoding: ';

const codings: readonly FaultCase[] = [
  ...['binary', 'none', '8bit'].map((word): FaultCase => ({
    row: 'N13',
    what: `the transfer coding ${word}, which is none`,
    serve: ({ jpeg }) => rawThenClose(`${CODING}${word}\r\n\r\n`, jpeg),
    expected: stored({ bytes: ({ jpeg }) => jpeg }),
  })),
  {
    row: 'N13',
    what: 'the transfer coding binary, and half an image',
    serve: ({ jpeg }) => rawThenClose(`${CODING}binary\r\n\r\n`, jpeg.subarray(0, 600)),
    expected: failsForNow('truncated'),
  },
  {
    row: 'N13',
    what: 'chunks in chunks',
    serve: ({ jpeg }) => {
      const inner = [`${jpeg.length.toString(16)}\r\n`, jpeg, '\r\n0\r\n\r\n'];
      const bytes = Buffer.concat(inner.map((part) => Buffer.from(part)));
      return raw(
        `${CODING}chunked\r\n\r\n${bytes.length.toString(16)}\r\n`,
        bytes,
        '\r\n0\r\n\r\n',
      );
    },
    expected: fails('not_an_image', { detail: 'chunks inside the body' }),
  },
];

const named = (what: string, body: Body, detail: string | RegExp): FaultCase =>
  image('I10', what, body, fails('not_an_image', { detail }));

const PHP = '<br />\n<b>Deprecated</b>:  x in <b>/var/www/plugin.php</b> on line <b>12</b><br />\n';

const files: readonly FaultCase[] = [
  named(
    'a JPEG in base64, in quotes',
    ({ jpeg }) => Buffer.from(`"data:image/jpeg;base64,${jpeg.toString('base64')}"`),
    /^a data: URL: /,
  ),
  named(
    'a JPEG in base64 behind a blank line',
    ({ jpeg }) => Buffer.from(`\r\n${jpeg.toString('base64')}`),
    /^an image in base64: /,
  ),
  named(
    'a JPEG in base64, in JSON',
    ({ jpeg }) => Buffer.from(JSON.stringify({ image: jpeg.toString('base64') })),
    /^an image in base64, in JSON: /,
  ),
  named(
    'a JPEG in hexadecimal digits, as PostgreSQL prints it',
    ({ jpeg }) => Buffer.from(`\\x${jpeg.toString('hex')}`),
    /^an image in hexadecimal digits: /,
  ),
  named('a JPEG as Python prints it', text("b'\\xff\\xd8\\xff\\xe0'"), /^bytes as Python prints/),
  named(
    'a fatal error of PHP',
    text('<br />\n<b>Fatal error</b>:  Out of memory'),
    /^a message of/,
  ),
  named('an error of PHP in a log', text('PHP Parse error:  syntax error'), /^a message of PHP: /),
  named(
    'a JPEG behind ten warnings',
    ({ jpeg }) => Buffer.concat([Buffer.from(PHP.repeat(10)), jpeg]),
    `a JPEG behind ${PHP.length * 10} bytes`,
  ),
  named(
    'a fault of SOAP',
    text('<s:Envelope><s:Body><s:Fault><faultstring>No such object</faultstring>'),
    'a message, "No such object"',
  ),
];

export const serviceCases: readonly FaultCase[] = [
  ...limits,
  ...headers,
  ...texts,
  moved,
  ...codings,
  ...files,
];
