/** Sections N24, N25 and N29: refusals as object stores, APIs and servers word them. */
import { reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, type Expected, type FaultCase } from './fault-case';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const XML = { 'content-type': 'application/xml' };
const JSON_TYPE = { 'content-type': 'application/json' };

type Headers = Readonly<Record<string, string>>;

/** [the service, its status, its headers, its body, what the detail says] */
type Refusal = readonly [
  what: string,
  status: string,
  headers: Headers,
  body: string,
  detail: string | RegExp,
];

function refusal([what, status, headers, body, detail]: Refusal): FaultCase {
  const number = Number(status.slice(0, 3));
  const isForNow = number >= 500 || number === 429;
  const expected: Expected = isForNow
    ? failsForNow(`http_${number}`, { detail })
    : fails(`http_${number}`, { detail });
  return {
    row: isForNow ? 'N24' : 'N25',
    what: `refused by ${what}`,
    serve: () => reply(status, headers, Buffer.from(body)),
    expected,
  };
}

const s3 = (code: string, message: string, more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>TX0</RequestId><HostId>abc=</HostId></Error>`;

const stores: readonly Refusal[] = [
  [
    'S3, a link that has expired',
    '403 Forbidden',
    XML,
    s3('AccessDenied', 'Request has expired', '<X-Amz-Expires>3600</X-Amz-Expires>'),
    'status 403: Request has expired',
  ],
  [
    'S3, a missing key',
    '404 Not Found',
    XML,
    s3('NoSuchKey', 'The specified key does not exist.', '<Key>a.jpg</Key>'),
    'status 404: The specified key does not exist.',
  ],
  [
    'S3, too many requests',
    '503 Slow Down',
    XML,
    s3('SlowDown', 'Please reduce your request rate.'),
    'status 503: Please reduce your request rate.',
  ],
  [
    'Google Cloud Storage, in XML',
    '403 Forbidden',
    { 'content-type': 'application/xml; charset=UTF-8' },
    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>Anonymous caller does not have storage.objects.get access.</Details></Error>",
    'status 403: Access denied.',
  ],
  [
    'Google Cloud Storage, in JSON',
    '404 Not Found',
    JSON_TYPE,
    JSON.stringify({ error: { code: 404, message: 'No such object: b/o', errors: [] } }),
    'status 404: No such object: b/o',
  ],
  [
    'Azure Blob Storage, without public access',
    '409 Public access is not permitted on this storage account.',
    XML,
    '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>PublicAccessNotPermitted</Code><Message>Public access is not permitted on this storage account.\nRequestId:1\nTime:2026</Message></Error>',
    'status 409: Public access is not permitted on this storage account.',
  ],
];

const apis: readonly Refusal[] = [
  [
    'an API with problem details',
    '403 Forbidden',
    { 'content-type': 'application/problem+json' },
    JSON.stringify({ type: 'about:blank', title: 'Forbidden', detail: 'The key has no quota.' }),
    /The key has no quota\./,
  ],
  [
    'FastAPI',
    '404 Not Found',
    JSON_TYPE,
    '{"detail":"Image not found"}',
    'status 404: Image not found',
  ],
  [
    'FastAPI, a list of what is wrong',
    '422 Unprocessable Entity',
    JSON_TYPE,
    '{"detail":[{"loc":["query","w"],"msg":"value is not a valid integer","type":"int"}]}',
    'value is not a valid integer',
  ],
  ['an API with one word', '400 Bad Request', JSON_TYPE, '{"error":"bad size"}', 'bad size'],
  [
    'an API with an object in its error',
    '401 Unauthorized',
    JSON_TYPE,
    '{"error":{"code":"K1","message":"Unknown key"}}',
    'Unknown key',
  ],
  [
    'Apigee',
    '401 Unauthorized',
    JSON_TYPE,
    '{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.Invalid"}}}',
    'Invalid ApiKey',
  ],
  [
    'an API with a list of messages',
    '400 Bad Request',
    JSON_TYPE,
    '{"errors":["The width is too large."]}',
    /^status 400: The width is too large\.$/,
  ],
  ...['msg', 'description', 'error_message', 'errorMessage'].map((key): Refusal => [
    `an API with ${key}`,
    '400 Bad Request',
    JSON_TYPE,
    JSON.stringify({ code: 3, [key]: 'The width is too large.' }),
    /^status 400: The width is too large\.$/,
  ]),
  [
    'an API whose body is a text',
    '410 Gone',
    JSON_TYPE,
    '"It was withdrawn."',
    'It was withdrawn.',
  ],
];

const services: readonly Refusal[] = [
  [
    'Cloudflare, for a payment',
    '402 Payment Required',
    { 'crawler-price': 'USD 0.01', server: 'cloudflare' },
    '',
    'status 402: crawler-price: USD 0.01',
  ],
  [
    'a page whose title says little',
    '451 Unavailable For Legal Reasons',
    HTML,
    '<title>Unavailable</title><h1>Unavailable</h1><p>Not in your country</p>',
    /^status 451: Unavailable: Not in your country$/,
  ],
  [
    'Cloudflare’s older page',
    '503 Service Unavailable',
    { ...HTML, server: 'cloudflare' },
    '<!DOCTYPE html><title>Just a moment...</title><form id="challenge-form" action="/?__cf_chl_f_tk=x">',
    /^status 503: Just a moment\.\.\. \(.*a challenge page.*\)/,
  ],
  [
    'Cloudflare, an origin that is away',
    '522 ',
    { ...HTML, server: 'cloudflare' },
    '<title>museum.test | 522: Connection timed out</title>',
    '522: Connection timed out',
  ],
  [
    'Vercel',
    '429 Too Many Requests',
    { ...HTML, 'x-vercel-mitigated': 'challenge' },
    '<title>Vercel Security Checkpoint</title>',
    'Vercel Security Checkpoint',
  ],
  [
    'Varnish',
    '503 Backend fetch failed',
    HTML,
    '<!DOCTYPE html><html><head><title>503 Backend fetch failed</title></head><body><h1>Error 503 Backend fetch failed</h1><p>Backend fetch failed</p><h3>Guru Meditation:</h3><p>XID: 1</p></body></html>',
    /Backend fetch failed/,
  ],
];

const pages: readonly (readonly [what: string, headers: Headers, body: string, detail: RegExp])[] =
  [
    [
      'a museum that moved',
      { 'content-type': 'image/jpeg' },
      '<script>location.replace("/new")</script>',
      /<script>/,
    ],
  ];

export const vendorCases: readonly FaultCase[] = [
  ...[...stores, ...apis, ...services].map(refusal),
  ...pages.map(([what, headers, body, detail]): FaultCase => ({
    row: 'N29',
    what: `a page of ${what} with status 200`,
    serve: () => reply('200 OK', headers, Buffer.from(body)),
    expected: fails('not_an_image', { detail }),
  })),
  {
    row: 'N19',
    what: 'another region of S3, without a Location',
    serve: () =>
      reply(
        '301 Moved Permanently',
        XML,
        Buffer.from(s3('PermanentRedirect', 'The bucket must be addressed elsewhere.')),
      ),
    expected: fails('redirect'),
  },
];
