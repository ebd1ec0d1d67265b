/** SQL recognises only URLs that parsing leaves as they are, and gives them the same host. */
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { plainHostSql } from '../../src/plan/plain-url';
import { plannedUrl } from '../../src/plan/planned-url';

/** The host of each URL; null for those that must be parsed. */
async function plainHosts(urls: readonly string[]): Promise<readonly (string | null)[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const sql = `SELECT ${plainHostSql('url')} FROM (SELECT unnest(from_json($1, '["VARCHAR"]')) AS url)`;
  const result = await connection.runAndReadAll(sql, [JSON.stringify(urls)]);
  connection.closeSync();
  instance.closeSync();
  return result.getRows().map(([host]) => (host == null ? null : String(host)));
}

test('URLs as most catalogs have them are recognised', async () => {
  const urls = [
    'https://images-3.example.org/collection/93/full/!400,400/0/default.jpg',
    'http://a/',
    'http://1.2.example/a%20b?size=400&x=1?y=/z',
    'https://h/a//b...',
  ];
  expect(await plainHosts(urls)).toEqual(['images-3.example.org', 'a', '1.2.example', 'h']);
  expect(urls.map((url) => plannedUrl(url).url)).toEqual(urls);
});

test('URLs that parsing changes, or that name no host as they stand, are left to be parsed', async () => {
  const urls = [
    ...[
      'http://a',
      'HTTP://a/',
      'http://A/',
      'http://a:80/',
      'http://u@a/',
      'http:///a/',
      '/a',
      '',
    ],
    ...[
      'http://1.2.3.4/',
      'http://127.1/',
      'http://a.0x7f/',
      'http://1/',
      'http://xn--mnchen-3ya.de/',
    ],
    ...['http://a./', 'http://a..b/', 'http://-a/', 'http://a-/', 'http://a_b/', 'http://ä.de/'],
    ...['http://a/../b', 'http://a/./b', 'http://a/%2e%2E/b', 'http://a/.%2e', 'http://a\\b/'],
    ...['http://a/ b', 'http://a/ä', 'http://a/"', "http://a/?'", 'http://a/#x', 'http://a/\tb'],
    ...['ftp://a/', 'http://a/\n', '\nhttp://a/', `http://${'c'.repeat(64)}/`],
  ];
  expect(await plainHosts(urls)).toEqual(urls.map(() => null));
});

test('a URL that is recognised has the host and the text that parsing gives', async () => {
  const words = fc.constantFrom(
    'a',
    'b1',
    '9',
    'x-y',
    '.',
    '/',
    'a.b',
    '0x1',
    '~',
    '!',
    '%2F',
    '=',
  );
  const oddPieces = [
    '-',
    '..',
    '//',
    '?',
    '#',
    '%2e',
    '%',
    ':',
    '@',
    ' ',
    'xn--a',
    'A',
    'ä',
    '_',
    '.',
  ];
  const oddMarks = [
    "'",
    '(',
    '*',
    ',',
    ';',
    '|',
    '\\',
    '[',
    '{',
    '&',
    '\t',
    '<',
    '`',
    '^',
    '+',
    '$',
  ];
  const odd = fc.constantFrom(...oddPieces, ...oddMarks);
  const piece = fc.oneof({ arbitrary: words, weight: 4 }, { arbitrary: odd, weight: 1 });
  const url = fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'http:/', 'HTTP://'),
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '.example/', '.org/'),
      fc.array(piece, { maxLength: 6 }),
    )
    .map(([scheme, host, end, rest]) => [scheme, ...host, end, ...rest].join(''));
  const urls = fc.sample(url, { seed: 16, numRuns: 20_000 });
  const hosts = await plainHosts(urls);
  const recognised = urls.flatMap((text, index) => {
    const host = hosts[index] ?? null;
    return host === null ? [] : [{ url: text, host }];
  });
  expect(recognised.length).toBeGreaterThan(500);
  expect(recognised).toEqual(recognised.map(({ url: text }) => plannedUrl(text)));
});
