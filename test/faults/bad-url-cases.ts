/** Section N19: texts that are not URLs, and what the detail says about each. */
import { reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type FaultCase } from './fault-case';

const QUERY = '/a.jpg?key=secret';

const TEXTS: readonly (readonly [text: string, words: string])[] = [
  ['www.museum.test/a.jpg', 'no scheme (https://): www.museum.test/a.jpg'],
  ['museum.test/a b.jpg', 'no scheme'],
  ['www.museum.test', 'no scheme'],
  ['museum.test:8080/a.jpg', 'no scheme (https://): museum.test:8080/a.jpg'],
  ['images.museum.test:443', 'no scheme (https://): images.museum.test:443'],
  ['localhost:8080/a.jpg', 'no scheme (https://): localhost:8080/a.jpg'],
  ['10.0.0.1:8080/a.jpg', 'no scheme (https://): 10.0.0.1:8080/a.jpg'],
  ['10.0.0.1/a.jpg', 'no scheme (https://): 10.0.0.1/a.jpg'],
  ['img_1.museum.test/a.jpg', 'no scheme (https://): img_1.museum.test/a.jpg'],
  ['//museum.test/a.jpg', 'begins with //: its scheme (https:) is missing'],
  ['///a.jpg', 'begins with //'],
  ['a.jpg', 'a file name, and the catalog has no base for it: a.jpg'],
  ['IMG 0042.TIF', 'a file name'],
  ['/media/a.jpg', 'a path without a host: /media/a.jpg'],
  ['../a.jpg', 'a path without a host'],
  ['N/A', 'no URL: N/A'],
  ['null', 'no URL: null'],
  ['-', 'no URL: -'],
  ['#N/A', 'no URL: #N/A'],
  ['?', 'no URL: ?'],
  ['[object Object]', 'no URL: [object Object]'],
  ['#REF!', 'an error of a spreadsheet, not a URL: #REF!'],
  ['#NAME?', 'an error of a spreadsheet, not a URL: #NAME?'],
  ['#DIV/0!', 'an error of a spreadsheet'],
  ['=A2&".jpg"', 'a formula of a spreadsheet'],
  ['[img]https://museum.test/a.jpg[/img]', 'BBCode, not a URL'],
  ['[[File:Mona Lisa.jpg|thumb]]', 'a link of a wiki'],
  ['{{ image.url }}', 'a template that was not filled in: {{ image.url }}'],
  ['${BASE_URL}/a.jpg', 'a template that was not filled in'],
  ['%s/a.jpg', 'a template that was not filled in'],
  ['https%3A%2F%2Fmuseum.test%2Fa.jpg', 'its colon and slashes are percent-encoded'],
  ['http ://museum.test/a.jpg', 'a space before the colon of its scheme'],
  ['["https://museum.test/a.jpg"]', 'a JSON array (of 1)'],
  ['["https://museum.test/a.jpg","b"]', 'a JSON array (of 2)'],
  ["['https://museum.test/a.jpg']", 'a list in brackets'],
  ['{"url":"https://museum.test/a.jpg"}', 'a JSON object'],
  ['\u200bhttps://museum.test/a.jpg', 'an invisible character (U+200B)'],
  ['\ufeffhttps://museum.test/a.jpg', 'an invisible character (U+FEFF)'],
  ['\u00a0https://museum.test/a.jpg', 'an invisible character (U+00A0)'],
  ['"https://museum.test/a.jpg"', 'in quotes: "https://museum.test/a.jpg"'],
  ['“https://museum.test/a.jpg”', 'in quotes'],
  ['<https://museum.test/a.jpg>', 'in angle brackets: <https://museum.test/a.jpg>'],
  ['=HYPERLINK("https://museum.test/a.jpg";"open")', 'a formula of a spreadsheet'],
  ['![a boat](https://museum.test/a.jpg)', 'a link in Markdown'],
  ['[a boat](https://museum.test/a.jpg)', 'a link in Markdown'],
  [
    'a.jpg (https://museum.test/a.jpg)',
    'other text before its URL: a.jpg (https://museum.test/a.jpg)',
  ],
  ['h\u200bttps://museum.test/a.jpg', 'an invisible character in its scheme (U+200B)'],
  ['<img src="https://museum.test/a.jpg">', 'markup'],
  ['https://museum.test:99999/a.jpg', 'the port 99999 is not between 0 and 65535'],
  ['https://museum.test:65536', 'the port 65536'],
  ['https://museum .test/a.jpg', 'its host contains a space'],
  ['http//museum.test/a.jpg', 'the colon behind its scheme is missing'],
  ['https://', 'the URL has no host'],
  ['https://[museum]/a.jpg', 'its host is not valid'],
  ['https://museum.123/a.jpg', 'its host is not valid'],
  ['https://1.2.3.4.5/a.jpg', 'its host is not valid'],
  ['https://museum..test/a.jpg', 'its host has a dot at its beginning, or two in a row'],
  ['https://.museum.test/a.jpg', 'its host has a dot at its beginning'],
  ['https://museum.test../a.jpg', 'its host has a dot at its beginning, or two in a row'],
  [`https://${'a'.repeat(64)}.test/a.jpg`, 'more than 63 characters between two dots'],
  [`https://${'ä'.repeat(60)}.test/a.jpg`, 'more than 63 characters between two dots'],
  [`https://${'a.'.repeat(126)}test/a.jpg`, 'its host has more than 253 characters'],
  ['http://http://museum.test/a.jpg', 'its scheme is written twice'],
  ['https://http//museum.test/a.jpg', 'its scheme is written twice'],
  ['see the website', 'the URL cannot be parsed: see the website'],
  [`www.museum.test${QUERY}`, 'no scheme (https://): www.museum.test/a.jpg'],
  [`//museum.test${QUERY}`, 'begins with //'],
  [`museum.test:8080${QUERY}`, 'no scheme (https://): museum.test:8080/a.jpg'],
];

/** A list of URLs, a URL inside markup or quotes, and what is invisible before a URL. */
const CORRECTED = /^(\[["']|!?\[a boat|=HYPERLINK|<|["“]|a\.jpg \(|\ufeff|\u00a0)/;

/** The name does not exist. */
const unknownName = failsForNow('dns', { requests: 0 });

const ENTITY = '/case?a=1&amp;b=2';

export const badUrlCases: readonly FaultCase[] = [
  ...TEXTS.map(([text, words]): FaultCase => ({
    row: 'N19',
    what: `no URL: ${JSON.stringify(text.replace('secret', '1'))}`,
    url: () => text,
    expected: fails('bad_url', { requests: 0, detail: words }),
    ...(CORRECTED.test(text) ? { readFromCatalog: unknownName } : {}),
  })),
  {
    row: 'N19',
    what: 'an HTML entity in the query of a URL that is not found',
    url: ({ port }) => `http://127.0.0.1:${port}${ENTITY}`,
    serve: () => reply('404 Not Found'),
    expected: fails('http_404', {
      detail: "status 404; the URL's query has the HTML entity &amp;",
    }),
  },
  {
    row: 'N19',
    what: 'an HTML entity in the query of a URL that is a page',
    url: ({ port }) => `http://127.0.0.1:${port}/case?a=1&lt;b=2`,
    serve: () => reply('200 OK', {}, Buffer.from('<html>No such size')),
    expected: fails('not_an_image', { detail: /has the HTML entity &lt;$/ }),
  },
  {
    row: 'N19',
    what: 'an HTML entity in the query of a URL that is found: it may be meant',
    url: ({ port }) => `http://127.0.0.1:${port}${ENTITY}`,
    serve: ({ jpeg }) => reply('200 OK', {}, jpeg),
    expected: stored({ bytes: ({ jpeg }) => jpeg, detail: null }),
  },
];
