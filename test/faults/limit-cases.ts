/**
 * Sections N23 to N25 and N29: limits on requests in other headers than Retry-After, statuses that
 * no later request changes, and what comes instead of images with status 200.
 */
import { raw, reply, type Answer } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type Expected, type FaultCase } from './fault-case';
import { image } from './file-served-whole';

type Headers = Readonly<Record<string, string>>;

const EARLY = reply('404 Too Early');

/** Refuses the first request, then answers with the image; before `seconds` with status 404. */
function limits(status: string, headers: () => Headers, seconds: number): FaultCase['serve'] {
  return ({ jpeg }) => {
    let from = 0;
    return (socket, request) => {
      if (request.before === 0) {
        from = Date.now();
        reply(status, headers())(socket, request);
        return;
      }
      const isEarly = Date.now() - from < 1_000 * seconds;
      (isEarly ? EARLY : reply('200 OK', {}, jpeg))(socket, request);
    };
  };
}

const inSeconds = (seconds: number): string => String(Math.ceil(Date.now() / 1_000) + seconds);

/** [what, the status, its headers, the seconds that must pass] */
const OBEYED: readonly (readonly [string, string, () => Headers, number])[] = [
  ['RateLimit-Reset', '429', () => ({ 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }), 3],
  ['X-RateLimit-Reset as a time', '429', () => ({ 'x-ratelimit-reset': inSeconds(3) }), 3],
  [
    'X-Rate-Limit-Reset in milliseconds',
    '429',
    () => ({ 'x-rate-limit-reset': `${inSeconds(3)}000` }),
    3,
  ],
  ['X-RateLimit-Reset-After', '429', () => ({ 'x-ratelimit-reset-after': '2.5' }), 2.5],
  ['RateLimit with t', '429', () => ({ ratelimit: '"default";r=0;t=3' }), 3],
  ['RateLimit with reset', '429', () => ({ ratelimit: 'limit=10, remaining=0, reset=3' }), 3],
  [
    'status 503 with no request left',
    '503',
    () => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' }),
    3,
  ],
];

const obeyed: readonly FaultCase[] = OBEYED.map(([what, status, headers, seconds]) => ({
  row: 'N23',
  what: `a limit: ${what}`,
  serve: limits(`${status} Word`, headers, seconds) ?? (() => EARLY),
  expected: stored({ requests: 2, bytes: ({ jpeg }) => jpeg }),
}));

const answered = (row: string, what: string, answer: Answer, expected: Expected): FaultCase => ({
  row,
  what,
  serve: () => answer,
  expected,
});

const refusals: readonly FaultCase[] = [
  answered(
    'N25',
    '403 with no request left, as GitHub has it',
    reply(
      '403 Forbidden',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3000' },
      Buffer.from('{"message":"API rate limit exceeded"}'),
    ),
    fails('http_403', { retryable: true, detail: 'API rate limit exceeded' }),
  ),
  answered(
    'N25',
    '403 with requests left',
    reply('403 Forbidden', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '3000' }),
    fails('http_403'),
  ),
  answered(
    'N24',
    '429 whose limit is over',
    reply('429 Too Many Requests', { 'x-ratelimit-reset': '1700000000' }),
    failsForNow('http_429'),
  ),
  answered(
    'N24',
    '501 of a server of IIIF',
    reply('501 Not Implemented', {}, Buffer.from('The quality bitonal is not supported')),
    fails('http_501', { detail: 'bitonal' }),
  ),
  answered('N24', '505', reply('505 HTTP Version Not Supported'), fails('http_505')),
  answered('N24', '511', reply('511 Log in'), failsForNow('http_511')),
];

const instead = (what: string, type: string, body: string, detail: string): FaultCase =>
  answered(
    'N29',
    what,
    reply('200 OK', { 'content-type': type }, Buffer.from(body)),
    fails('not_an_image', { detail }),
  );

const messages: readonly FaultCase[] = [
  instead(
    'an error of an object store with status 200',
    'application/xml',
    '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>',
    'a message, "The key does not exist.": begins with',
  ),
  instead(
    'an error of a server of maps',
    'application/vnd.ogc.se_xml',
    '<?xml version="1.0"?><ServiceExceptionReport><ServiceException code="L">No layer abc</ServiceException></ServiceExceptionReport>',
    'a message, "No layer abc": begins with',
  ),
  instead(
    'an error in JSON with status 200',
    'application/json',
    JSON.stringify({ requestId: '0'.repeat(80), message: 'It is being restored' }),
    'a message, "It is being restored": begins with',
  ),
  answered(
    'N29',
    'the pictures of a webcam, without end',
    raw('HTTP/1.1 200 OK\r\ncontent-type: multipart/x-mixed-replace; boundary=f\r\n\r\n--f\r\n'),
    fails('not_an_image', { detail: 'a stream of images' }),
  ),
];

const lineEnds = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

const converted: readonly FaultCase[] = [
  image('I10', 'a JPEG in UTF-8', ({ jpeg }) => Buffer.from(jpeg.toString('latin1'), 'utf8'), {
    ...fails('not_an_image', { detail: 'a JPEG that was converted from Latin-1 to UTF-8' }),
  }),
  image('I10', 'a PNG in UTF-8', ({ png }) => Buffer.from(png.toString('latin1'), 'utf8'), {
    ...fails('not_an_image', { detail: 'a PNG that was converted' }),
  }),
  image('I10', 'a JPEG that was read as text', ({ jpeg }) => Buffer.from(jpeg.toString('utf8')), {
    ...fails('not_an_image', { detail: 'read as text' }),
  }),
  image('I10', 'a PNG with the line ends of Unix', ({ png }) => lineEnds(png, '\r\n', '\n'), {
    ...fails('not_an_image', { detail: 'line ends were converted' }),
  }),
  image('I10', 'a PNG with those of DOS', ({ png }) => lineEnds(png, '\n', '\r\n'), {
    ...fails('not_an_image', { detail: 'line ends were converted' }),
  }),
];

const OTHER_FILES: readonly (readonly [what: string, begin: string, detail: string])[] = [
  ['a video in AVI', 'RIFF\0\x10\0\0AVI LIST', 'a video (AVI)'],
  ['a video of QuickTime', '\0\0\0\x08wide\0\0\x20\0mdat', 'a video (QuickTime)'],
  ['a video in WMV', '0&\xb2u\x8ef\xcf\x11', 'a video or sound (Windows Media)'],
  ['a video in MPEG', '\0\0\x01\xba\x44', 'a video (MPEG)'],
  ['a file of Flash', 'CWS\x0a', 'Flash (SWF)'],
  ['an address', 'https://museum.test/a.jpg', 'the address of another file'],
  ['an archive of 7-Zip', "7z\xbc\xaf'\x1c\0\x04", 'a 7z archive'],
  ['a Thumbs.db', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'Thumbs.db'],
];

const OTHER_IMAGES: readonly (readonly [what: string, begin: string, kind: string])[] = [
  ['a MrSID', 'msid\0', 'MrSID'],
  ['a DPX', 'SDPX\0', 'DPX'],
  ['a NITF', 'NITF02.10', 'NITF'],
  ['a FITS with few spaces', 'SIMPLE  = T', 'FITS'],
  ['a WMF without a header of its place', '\x01\0\x09\0\0\x03', 'WMF'],
];

const padded = (begin: string): Buffer => Buffer.from(begin.padEnd(80, ' '), 'latin1');

const files: readonly FaultCase[] = [
  ...OTHER_FILES.map(([what, begin, detail]) =>
    image('I10', what, () => padded(begin), fails('not_an_image', { detail })),
  ),
  ...OTHER_IMAGES.map(([what, begin, detail]) =>
    image('I10', what, () => padded(begin), fails('type_not_allowed', { detail })),
  ),
];

const SCHEMES: readonly (readonly [url: string, detail: string])[] = [
  ['s3://bucket/a.jpg', 's3: is neither http: nor https: (the address of an object store'],
  ['gs://bucket/a.jpg', 'the address of an object store'],
  ['ipfs://bafy/a.jpg', 'a name of IPFS'],
  ['data:image/png;base64,iVBORw0KGgo=', 'the image itself'],
  ['blob:https://museum.test/1', "a browser's own memory"],
  ['C:\\images\\a.jpg', 'a file of the machine'],
  ['File:Mona Lisa.jpg', 'a page of a wiki'],
  ['doi:10.1000/182', 'an identifier'],
  ['hdl:2027/mdp.39015', 'an identifier'],
  ['ark:12345/x54xz321', 'an identifier'],
  ['images:8182/iiif/2/a.jpg', 'perhaps a host with its port: https:// is missing before it'],
  ['org.museum.app:image', 'org.museum.app: is neither http: nor https:'],
  ['htpp://museum.test/a.jpg', 'https: is misspelt'],
];

const schemes: readonly FaultCase[] = SCHEMES.map(([url, detail]) => ({
  row: 'N19',
  what: `another scheme: ${url}`,
  url: () => url,
  expected: fails('scheme', { requests: 0, detail: new RegExp(detail.replace(/[()]/g, '\\$&')) }),
}));

export const limitCases: readonly FaultCase[] = [
  ...obeyed,
  ...refusals,
  ...messages,
  ...converted,
  ...files,
  ...schemes,
];
