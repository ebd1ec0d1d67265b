/**
 * Sections N25 and N29: pages in other charsets, pages that lead to another page, and refusals that
 * say that they pass.
 */
import { reply } from '../helpers/hosts/lying-server';
import { fails, type FaultCase } from './fault-case';

const HTML = { 'content-type': 'text/html' };
const JSON_TYPE = { 'content-type': 'application/json' };
const XML = { 'content-type': 'application/xml' };

type Headers = Readonly<Record<string, string>>;

const STATUS_WORDS = { 200: 'OK', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found' };
type Status = keyof typeof STATUS_WORDS;

interface Sent {
  readonly status: Status;
  readonly headers?: Headers;
  readonly body: string | Buffer;
}

/** One request in each run, or one in all. */
function answered(
  what: string,
  { status, headers = HTML, body }: Sent,
  expected: { readonly retryable: boolean; readonly detail: string | RegExp },
): FaultCase {
  return {
    row: status === 200 ? 'N29' : 'N25',
    what: `${what}, with status ${status}`,
    serve: () => reply(`${status} ${STATUS_WORDS[status]}`, headers, Buffer.from(body)),
    expected: fails(status === 200 ? 'not_an_image' : `http_${status}`, expected),
  };
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Buffer => utf16(text).swap16();
const charset = (name: string): Headers => ({ 'content-type': `text/html; charset=${name}` });
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const page = (title: Buffer | string, head = ''): Buffer =>
  Buffer.concat(
    [`<html><head>${head}<title>`, title, '</title></head>'].map((part) => Buffer.from(part)),
  );

const LARGE = 'Größe fehlt';
/** «Не найдено» in windows-1251 and KOI8-R, 「見つかりません」 in Shift_JIS and EUC-JP, 未找到 in GBK. */
const NOT_FOUND = { cp1251: bytes('cde520ede0e9e4e5edee'), koi8: bytes('eec520cec1cac4c5cecf') };
const JAPANESE = {
  sjis: bytes('8ca982c282a982e882dc82b982f1'),
  euc: bytes('b8aba4c4a4aba4eaa4dea4bba4f3'),
};
const GBK = bytes('ceb4d5d2b5bd');

const charsets: readonly (readonly [
  what: string,
  headers: Headers,
  body: Buffer,
  title: string,
])[] = [
  ['UTF-16 with a mark', HTML, utf16(`\ufeff${page(LARGE).toString()}`), LARGE],
  ['UTF-16, the other order, with a mark', HTML, bigEndian(`\ufeff<title>${LARGE}`), LARGE],
  ['UTF-16 by its header', charset('utf-16le'), utf16(`<title>${LARGE}`), LARGE],
  ['UTF-16 that nothing states', HTML, utf16(`\n<title>${LARGE}`), LARGE],
  ['UTF-16, the other order, that nothing states', HTML, bigEndian(`<title>${LARGE}`), LARGE],
  ['UTF-8 with the header utf-16', charset('utf-16'), page(LARGE), LARGE],
  ['UTF-8 that declares utf-16', HTML, page(LARGE, '<meta charset="utf-16">'), LARGE],
  ['windows-1251 by its header', charset('windows-1251'), page(NOT_FOUND.cp1251), 'Не найдено'],
  ['KOI8-R by its header, quoted', charset('"koi8-r"'), page(NOT_FOUND.koi8), 'Не найдено'],
  [
    'windows-1251 by a tag',
    HTML,
    page(
      NOT_FOUND.cp1251,
      '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
    ),
    'Не найдено',
  ],
  ['Shift_JIS by a tag', HTML, page(JAPANESE.sjis, '<meta charset=shift_jis>'), '見つかりません'],
  ['EUC-JP by its header', charset('EUC-JP'), page(JAPANESE.euc), '見つかりません'],
  ['GBK by a tag', HTML, page(GBK, "<meta charset='gbk'/>"), '未找到'],
  ['GB2312 by its header', charset('gb2312'), page(GBK), '未找到'],
  ['Latin-1 that nothing states', HTML, page(Buffer.from(LARGE, 'latin1')), LARGE],
  [
    'XHTML by its declaration',
    HTML,
    Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?>'),
      page(Buffer.from(LARGE, 'latin1')),
    ]),
    LARGE,
  ],
  ['an unknown charset', charset('x-none'), page(LARGE), LARGE],
];

const TITLE_OF: Readonly<Record<200 | 404, (title: string) => string>> = {
  200: (title) => `a page, "${title}": begins with "`,
  404: (title) => `status 404: ${title}`,
};

const inCharsets = charsets.flatMap(([what, headers, body, title]) =>
  ([200, 404] as const).map((status) =>
    answered(
      `a page in ${what}`,
      { status, headers, body },
      { retryable: false, detail: TITLE_OF[status](title) },
    ),
  ),
);

const targets: readonly (readonly [what: string, body: string, detail: string | RegExp])[] = [
  [
    'a page that refreshes itself',
    '<html><meta http-equiv="refresh" content="0; url=https://museum.test/new?id=7&amp;l=en">',
    /^a page that leads to "https:\/\/museum\.test\/new": begins with/,
  ],
  [
    'a page with a title that refreshes itself',
    "<title>Moved</title><META content='5;URL=/new' http-equiv=Refresh>",
    /^a page, "Moved", that leads to "\/new": begins with/,
  ],
  [
    'a page that refreshes itself without url=',
    '<meta http-equiv="refresh" content="0;/login">',
    /^a page that leads to "\/login": /,
  ],
  [
    'a script that replaces the page',
    '<script>window.location.replace("/new/a.jpg")</script>',
    /^a page that leads to "\/new\/a\.jpg": /,
  ],
  [
    'a script that sets the address',
    '<html><body onload="x()"><script>top.location.href = \'/sso?to=a\';</script>Please wait',
    /^a page that leads to "\/sso": /,
  ],
  [
    'a page with the button of a script',
    `<html><p>${'A work on paper. '.repeat(20)}</p><button onclick="location='/cart'">Buy</button>`,
    /^begins with/,
  ],
];

const DRIVE =
  "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title><style>.goog-link{}</style></head><body><p>Sorry, you can't view or download this file at this time.</p><p>Too many users have viewed or downloaded this file recently. Please try accessing the file again later.</p>";
const SCAN =
  "<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body><p>Google Drive can't scan this file for viruses.</p><p>a.jpg (120M) is too large. Would you still like to download this file?</p>";

const s3 = (code: string, message: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

const passing: readonly (readonly [what: string, headers: Headers, body: string])[] = [
  ['the quota page of Google Drive', HTML, DRIVE],
  ['the page of a link with much traffic', HTML, '<h1>Error</h1>It is generating too much traffic'],
  ['a bandwidth limit', HTML, '<title>Bandwidth Limit Exceeded</title>'],
  ['a cap', JSON_TYPE, '{"code":"download_cap_exceeded","message":"Cannot download file"}'],
  ['a quota of data', JSON_TYPE, '{"message":"This repository is over its data quota."}'],
  ['a limit on requests', JSON_TYPE, '{"message":"API rate limit exceeded for 10.0.0.1."}'],
  ['an object store that slows down', XML, s3('SlowDown', 'Please wait.')],
  ['an object store with a limit', XML, s3('QpsLimitExceeded', 'No.')],
  ['maintenance', HTML, '<title>Down for scheduled maintenance</title>'],
  ['a pause', HTML, "<h1>We'll be back soon!</h1>"],
  ['a museum that asks to come later', HTML, '<h1>Oops</h1><p>Please try again in a few minutes.'],
  ['a text', { 'content-type': 'text/plain' }, '  Too many connections from your address'],
];

const staying: readonly (readonly [what: string, headers: Headers, body: string])[] = [
  ['the page of Google Drive about viruses', HTML, SCAN],
  ['a quota that is none', JSON_TYPE, '{"message":"The key has no quota for this method."}'],
  ['a limit on sizes', JSON_TYPE, '{"message":"Request size limit exceeded: 5000 pixels"}'],
  ['a link that has expired', XML, s3('AccessDenied', 'Request has expired')],
  ['a clock that is wrong', XML, s3('RequestTimeTooSkewed', 'The difference is too large.')],
  [
    'a long page with such words in its form',
    HTML,
    `<title>Work 7</title><p>${'Oil on canvas. '.repeat(80)}<p hidden>Please try again later.`,
  ],
];

const limits = [
  ...passing.map((one) => [...one, true] as const),
  ...staying.map((one) => [...one, false] as const),
].flatMap(([what, headers, body, retryable]) =>
  ([200, 403] as const).map((status) => {
    const ofPage = retryable ? /\(it says that this passes\)$/ : /"$/;
    const detail = status === 200 ? ofPage : /^status 403: /;
    return answered(what, { status, headers, body }, { retryable, detail });
  }),
);

const AZURE =
  '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\nRequestId:1\nTime:2026</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Mon] - Expiry [Tue] - Current [Wed]</AuthenticationErrorDetail></Error>';
const GOOGLE =
  "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>Anonymous caller does not have storage.objects.get access.</Details></Error>";

const details: readonly FaultCase[] = [
  answered(
    'a signature of Azure that has expired',
    { status: 403, headers: XML, body: AZURE },
    {
      retryable: false,
      detail:
        /^status 403: Server failed to authenticate the request\. Signature not valid in the specified time frame: .* Current \[Wed\]$/,
    },
  ),
  answered(
    'an object of Google that is not public',
    { status: 403, headers: XML, body: GOOGLE },
    {
      retryable: false,
      detail: /^status 403: Access denied\. Anonymous caller does not have storage\.objects\.get/,
    },
  ),
  answered(
    'an object of Google that is not public',
    { status: 200, headers: XML, body: GOOGLE },
    { retryable: false, detail: /^a message, "Access denied\. Anonymous caller/ },
  ),
  answered(
    'a limit that says that it passes',
    { status: 404, body: '<h1>Not here</h1> Try again later.' },
    { retryable: false, detail: 'Try again later.' },
  ),
];

export const pageCases: readonly FaultCase[] = [
  ...inCharsets,
  ...targets.map(([what, body, detail]) =>
    answered(what, { status: 200, body }, { retryable: false, detail }),
  ),
  ...limits,
  ...details,
];
